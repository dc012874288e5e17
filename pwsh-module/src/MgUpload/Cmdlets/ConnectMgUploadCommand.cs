using System;
using System.Management.Automation;
using System.Security;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Sets the access token, the Graph, and the way there that the other cmdlets use.</summary>
[Cmdlet(VerbsCommunications.Connect, "MgUpload", HelpUri = Help.Pages + "Connect-MgUpload.md")]
[OutputType(typeof(GraphConnection))]
public sealed class ConnectMgUploadCommand : MgUploadCmdlet
{
    /// <summary>An access token for Microsoft Graph.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>Another Graph than the global one.</summary>
    [Parameter]
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
    protected override void ProcessRecord() => Guard(GraphEndpoint, () =>
    {
        if (AccessToken!.Length == 0)
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
        var connection = new GraphConnection(Network.Way(Proxy, ProxyCredential) with { GraphEndpoint = GraphEndpoint }, new TokenHolder(AccessToken.Copy()));
        Connections.Use(connection);
        Say($"Connected to {GraphEndpoint.GetLeftPart(UriPartial.Authority)}{(connection.Proxy is { } proxy ? $" by the proxy {proxy}" : string.Empty)}.");
        if (PassThru)
        {
            WriteObject(connection);
        }
    });
}
