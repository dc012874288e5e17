using System;
using System.Management.Automation;
using System.Security;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Sets the access token and the Graph that the other cmdlets talk to.</summary>
[Cmdlet(VerbsCommunications.Connect, "MgUpload")]
[OutputType(typeof(void))]
public sealed class ConnectMgUploadCommand : MgUploadCmdlet
{
    /// <summary>An access token for Microsoft Graph.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>Another Graph than the global one.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri GraphEndpoint { get; set; } = new("https://graph.microsoft.com");

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
        GraphConnection.Open(GraphEndpoint, AccessToken.Copy());
        WriteVerbose($"Connected to {GraphEndpoint.GetLeftPart(UriPartial.Authority)}.");
    });
}
