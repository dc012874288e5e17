using System.Management.Automation;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <summary>Forgets the access token.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "MgUpload")]
[OutputType(typeof(void))]
public sealed class DisconnectMgUploadCommand : MgUploadCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(null, () =>
        WriteVerbose(GraphConnection.Close() ? "Disconnected." : "There was no connection."));
}
