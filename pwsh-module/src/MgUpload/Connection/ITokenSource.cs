using System;
using System.Management.Automation;
using System.Threading;

namespace MgUpload.Connection;

/// <summary>The cmdlet for which a token is got: some sources run commands on its thread.</summary>
internal sealed record Asker(PSCmdlet Cmdlet, CancellationToken Stop);

/// <summary>There is no other token than the one that was refused: what the service says of it is all there is to say.</summary>
internal sealed class NoOtherTokenException : Exception;

/// <summary>What gives access tokens. Asked by one cmdlet at a time, on the pipeline's own thread.</summary>
internal interface ITokenSource : IDisposable
{
    /// <summary>Whether a token may be kept when nothing is done with it.</summary>
    bool IsKept { get; }

    /// <summary>A token that is good now.</summary>
    /// <param name="asker">The cmdlet that needs it.</param>
    /// <param name="refusal">What the service has refused; null where it has refused nothing.</param>
    /// <exception cref="Native.MgUploadException">There is none; what to do is said.</exception>
    GraphToken Get(Asker asker, Refusal? refusal);

    /// <summary>Throws where a token that it gave before may be used no longer.</summary>
    void Check(Asker asker)
    {
    }

    /// <summary>Lets later processes have nothing of it; tells where that cannot be done. What runs goes on.</summary>
    void Forget(Action<string> warn)
    {
    }
}

/// <summary>A token was answered by 401.</summary>
/// <param name="Claims">What a new one must have, as JSON; null where the service did not say.</param>
internal sealed record Refusal(string? Claims);
