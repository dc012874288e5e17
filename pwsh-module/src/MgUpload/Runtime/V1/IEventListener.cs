using System;
using System.Threading;

namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>What a pipeline step is told about the command that it runs in.</summary>
public interface IEventListener
{
    /// <summary>Set when the user stops the command.</summary>
    CancellationToken Token { get; }

    /// <summary>Stops the request.</summary>
    Action Cancel { get; }
}
