using System.Collections.Generic;
using System.Management.Automation;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that use a connection: which one, and that it stays whole until they are done.</summary>
public abstract class ConnectedCmdlet : MgUploadCmdlet
{
    private readonly HashSet<TokenHolder> _held = [];

    private protected ConnectedCmdlet()
    {
    }

    /// <summary>What Connect-MgUpload -PassThru returned; else it is the session's own, the runspace's, the process's.</summary>
    [Parameter]
    [ValidateNotNull]
    public GraphConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (TokenHolder token in _held)
        {
            token.Leave();
        }
        _held.Clear();
        base.Dispose(disposing);
    }

    /// <summary>The connection for one record; null where there is none.</summary>
    private protected GraphConnection? ConnectionFor(GraphConnection? ofSession)
    {
        if (Connection is not null)
        {
            return Holds(Connection) ? Connection : throw new MgUploadException(ErrorKind.Unauthenticated, "This connection was closed by Disconnect-MgUpload.")
            {
                Advice = "Make another one with Connect-MgUpload -PassThru.",
            };
        }
        GraphConnection? current = Connections.Current;
        return ofSession is not null && Holds(ofSession) ? ofSession : current is not null && Holds(current) ? current : null;
    }

    /// <summary>The client for one record. Upload URLs, and what is on record here, need no connection.</summary>
    private protected UploadClient ClientFor(GraphConnection? ofSession = null) => ConnectionFor(ofSession)?.Client ?? Network.Anonymous;

    private bool Holds(GraphConnection connection)
    {
        bool holds = _held.Contains(connection.Token) || connection.Token.Enter();
        if (holds)
        {
            _held.Add(connection.Token);
        }
        return holds;
    }
}
