using System;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace MgUpload.Connection;

/// <summary>
/// What stands between this assembly and the one for signing in, which has a load context of its own: nothing but types of the
/// framework.
/// </summary>
internal interface ICredential
{
    /// <summary>Signs in, and asks the user where the way does so; the account, where there is one.</summary>
    Task<(string Token, DateTimeOffset ExpiresOn, string? Account, string? TenantId)> SignIn(CancellationToken stop);

    /// <summary>A token without asking anybody; a fresh one that meets the claims where some are named.</summary>
    Task<(string Token, DateTimeOffset ExpiresOn)> Get(string? claims, CancellationToken stop);

    /// <summary>Lets later processes have nothing of it; tells where that cannot be done.</summary>
    void Forget(Action<string> warn);
}

/// <summary>How to sign in, by what the user has.</summary>
internal enum SignInWay
{
    Browser,
    DeviceCode,
    Certificate,
    Secret,
    ManagedIdentity,
    Environment,
    WorkloadIdentity,
    GitHubActions,
}

/// <summary>What a credential is made from.</summary>
internal sealed record SignInRequest(SignInWay Way, Uri Login, string[] Scopes)
{
    internal string? TenantId { get; init; }

    internal string? ClientId { get; init; }

    internal string? Secret { get; init; }

    internal X509Certificate2? Certificate { get; init; }

    internal bool SendsChain { get; init; }

    /// <summary>Whether the login is one of Microsoft's, which knows its brothers.</summary>
    internal bool IsKnownCloud { get; init; }

    /// <summary>Whether what is got outlives the process, encrypted by the platform.</summary>
    internal bool IsRemembered { get; init; }

    /// <summary>The way to the network.</summary>
    internal required SocketsHttpHandler Network { get; init; }

    /// <summary>How long one request may take.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Tells the person in front of the machine what to do.</summary>
    internal required Action<string> Tell { get; init; }

    /// <summary>Tells that nothing is remembered here, and why.</summary>
    internal required Action<string> Warn { get; init; }
}
