using System;
using System.Collections.Concurrent;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload;

/// <summary>
/// What Connect-MgUpload makes: a Graph, who asks it, and the way there. It never changes, so that any number may be side by side
/// and several threads may use one. Sessions keep the connection that made them.
/// </summary>
public sealed class GraphConnection
{
    /// <summary>Whoever runs a cmdlet answers, if only that there is no token; this is for one that never does.</summary>
    private static readonly TimeSpan s_tokenWait = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<ClientOptions, GraphConnection> _byOtherWays = new();

    internal GraphConnection(ClientOptions options, TokenHolder token, SignedIn who)
    {
        Way = options with { UserAgent = UserAgent, TokenWait = s_tokenWait };
        Token = token;
        Who = who;
        Client = new UploadClient(Way);
        SystemProxy.TellOfAll(Client, Way.GraphEndpoint);
        Token.Serve(Client);
    }

    /// <summary>The address of Graph.</summary>
    public Uri GraphEndpoint => Way.GraphEndpoint;

    /// <summary>The proxy for all requests; null for a direct way.</summary>
    public string? Proxy => ProxyRelay.Shown(Way.Proxy);

    /// <summary>Whether Disconnect-MgUpload has closed it.</summary>
    public bool IsClosed => Token.IsClosed;

    /// <summary>Who the requests say that they come from.</summary>
    internal static string UserAgent { get; } =
        $"MgUpload/{typeof(GraphConnection).Assembly.GetName().Version?.ToString(3)} PowerShell/{typeof(System.Management.Automation.PSCmdlet).Assembly.GetName().Version?.ToString(3)}";

    internal TokenHolder Token { get; }

    /// <summary>Who asks.</summary>
    internal SignedIn Who { get; }

    internal UploadClient Client { get; }

    /// <summary>How it reaches the network.</summary>
    internal ClientOptions Way { get; }

    /// <summary>The same Graph, token and limits by another way; made once for each way.</summary>
    /// <param name="way">The other way.</param>
    /// <param name="isLoggedOn">Whether its proxy is logged on to as whoever runs PowerShell.</param>
    internal GraphConnection By(ClientOptions way, bool isLoggedOn)
    {
        way = way with { GraphEndpoint = GraphEndpoint, UserAgent = UserAgent, TokenWait = s_tokenWait, ConnectTimeout = Way.ConnectTimeout, IdleTimeout = Way.IdleTimeout };
        return _byOtherWays.GetOrAdd(isLoggedOn ? ProxyRelay.LoggedOn(way) : way, other => new GraphConnection(other, Token, Who));
    }

    /// <summary>The address.</summary>
    public override string ToString() => GraphEndpoint.OriginalString;
}
