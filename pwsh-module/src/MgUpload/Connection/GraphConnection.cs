using System;
using System.Security;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>What Connect-MgUpload made: the endpoint, the token, and the client that uses them.</summary>
internal sealed class GraphConnection : IDisposable
{
    private static GraphConnection? s_current;
    private static UploadClient? s_anonymous;

    private GraphConnection(Uri endpoint, SecureString token)
    {
        Endpoint = endpoint;
        Token = token;
        Client = NewClient(new ClientOptions());
    }

    /// <summary>The connection that cmdlets use; null before Connect-MgUpload.</summary>
    internal static GraphConnection? Current => s_current;

    internal Uri Endpoint { get; }

    internal SecureString Token { get; }

    internal UploadClient Client { get; }

    /// <summary>Who the requests say that they come from.</summary>
    internal static string UserAgent { get; } =
        $"MgUpload/{typeof(GraphConnection).Assembly.GetName().Version?.ToString(3)} PowerShell/{typeof(System.Management.Automation.PSCmdlet).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>A client for upload URLs, which need no token; the connection's own where there is one.</summary>
    internal static UploadClient ClientForUploads => s_current?.Client ?? (s_anonymous ??= new UploadClient(new ClientOptions { UserAgent = UserAgent }));

    internal static GraphConnection Open(Uri endpoint, SecureString token)
    {
        var opened = new GraphConnection(endpoint, token);
        Close();
        s_current = opened;
        return opened;
    }

    /// <summary>Forgets token and client; false when there was nothing to forget.</summary>
    internal static bool Close()
    {
        GraphConnection? closed = s_current;
        s_current = null;
        closed?.Dispose();
        return closed is not null;
    }

    /// <summary>A further client to the same endpoint, with the same token.</summary>
    internal UploadClient NewClient(ClientOptions options)
    {
        var client = new UploadClient(options with { GraphEndpoint = Endpoint, UserAgent = UserAgent });
        SecureText.Read(Token, client.SetToken);
        return client;
    }

    public void Dispose()
    {
        Client.Dispose();
        Token.Dispose();
    }
}
