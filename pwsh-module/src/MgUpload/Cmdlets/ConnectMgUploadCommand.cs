using System;
using System.Management.Automation;
using System.Security;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Says who asks Graph, which Graph, and the way there, for the other cmdlets.</summary>
[Cmdlet(VerbsCommunications.Connect, "MgUpload", DefaultParameterSetName = ByToken, HelpUri = Help.Pages + "Connect-MgUpload.md")]
[OutputType(typeof(GraphConnection))]
public sealed class ConnectMgUploadCommand : MgUploadCmdlet
{
    private const string ByToken = "AccessToken";
    private const string ByMgGraph = "MgGraph";

    /// <summary>An access token for Microsoft Graph.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByToken)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>The session of Connect-MgGraph.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByMgGraph)]
    public SwitchParameter MgGraph { get; set; }

    /// <summary>Another Graph than the global one.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [ValidateNotNull]
    public Uri GraphEndpoint { get; set; } = new("https://graph.microsoft.com");

    /// <summary>The proxy for everything, uploads too; without it what the environment says.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>Who asks the proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Returns the connection, to be named with -Connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(ParameterSetName == ByToken ? GraphEndpoint : null, () =>
    {
        ClientOptions way = Network.Way(Proxy, ProxyCredential);
        GraphConnection connection = ParameterSetName == ByMgGraph ? BorrowedSession.Explicit(this, way) : Given(way);
        Connections.Use(connection);
        Say($"Connected to {connection.GraphEndpoint.GetLeftPart(UriPartial.Authority)}{(connection.Proxy is { } proxy ? $" by the proxy {proxy}" : string.Empty)}.");
        if (PassThru)
        {
            WriteObject(connection);
        }
    });

    private GraphConnection Given(ClientOptions way)
    {
        if (AccessToken is null || AccessToken.Length == 0)
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, "The access token is empty.") { Advice = "Pass a token for Microsoft Graph as a SecureString." };
        }
        if (!GraphEndpoint.IsAbsoluteUri || !(GraphEndpoint.Scheme == Uri.UriSchemeHttps || (GraphEndpoint.Scheme == Uri.UriSchemeHttp && GraphEndpoint.IsLoopback)))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"{GraphEndpoint.OriginalString} is no https address: it would show the token to the network.")
            {
                Advice = "Give an address like https://graph.microsoft.com; plain http works on this machine only.",
            };
        }
        var given = new GivenToken(AccessToken.Copy());
        return new GraphConnection(way with { GraphEndpoint = GraphEndpoint }, new TokenHolder(given), given.Who);
    }
}
