using System;
using System.Collections.Generic;
using System.Linq;
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
        GraphConnection? connection = Choose(ofSession);
        connection?.Token.Check(new Asker(this, StopToken));
        return connection;
    }

    /// <summary>The client for one record. Upload URLs, and what is on record here, need no connection; whatever needs a token asks for it.</summary>
    private protected UploadClient ClientFor(GraphConnection? ofSession = null) => Choose(ofSession)?.Client ?? Network.Anonymous;

    /// <inheritdoc/>
    private protected override void HandIn(Operation operation, TokenWanted wanted)
    {
        TokenHolder? holder = _held.FirstOrDefault(held => held.Serves(operation.Client));
        try
        {
            holder?.Answer(new Asker(this, StopToken), operation.Client, wanted);
            NoToken = null;
        }
        catch (Exception error) when (error is MgUploadException or RuntimeException and not PipelineStoppedException)
        {
            NoToken = error as MgUploadException ?? new MgUploadException(ErrorKind.Unauthenticated, $"The script block of -AccessTokenProvider has failed: {error.Message}", error) { Advice = "See what the script block does." };
            operation.Client.AnswerToken(wanted.Number, [], null);
        }
        catch (NoOtherTokenException)
        {
            operation.Client.AnswerToken(wanted.Number, [], null);
        }
    }

    /// <summary>The one that is named; that of the session; what Connect-MgUpload has made here; the session of Connect-MgGraph.</summary>
    private GraphConnection? Choose(GraphConnection? ofSession)
    {
        if (Connection is not null)
        {
            return Holds(Connection) ? Connection : throw new MgUploadException(ErrorKind.Unauthenticated, "This connection was closed by Disconnect-MgUpload.")
            {
                Advice = "Make another one with Connect-MgUpload -PassThru.",
            };
        }
        if (ofSession is not null && Holds(ofSession))
        {
            return ofSession;
        }
        if (Connections.Current is { } current && Holds(current))
        {
            return current;
        }
        return BorrowedSession.Current(this) is { } borrowed && Holds(borrowed) ? borrowed : null;
    }

    private bool Holds(GraphConnection connection)
    {
        if (_held.Contains(connection.Token))
        {
            return true;
        }
        bool holds = connection.Token.Enter();
        if (holds)
        {
            _held.Add(connection.Token);
            Say($"{(connection.Who.By == BorrowedSession.Command ? "The session of Connect-MgGraph" : "A connection of Connect-MgUpload")} is used: {connection.Who.InWords()}, {connection.GraphEndpoint.GetLeftPart(UriPartial.Authority)}.");
        }
        return holds;
    }
}
