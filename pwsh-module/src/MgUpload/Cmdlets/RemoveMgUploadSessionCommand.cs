using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Cancels a session; what was sent to it is thrown away by the service.</summary>
[Cmdlet(VerbsCommon.Remove, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveMgUploadSessionCommand : UploadSessionCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(InputObject, () =>
    {
        UploadSessionJson session = Session();
        if (!ShouldProcess(session.Target, "Cancel the upload session"))
        {
            return;
        }
        using Operation operation = GraphConnection.ClientForUploads.StartCancel(session.ToString());
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        bool gone = result.RootElement.GetProperty("alreadyGone").GetBoolean();
        WriteVerbose(gone ? "The session was gone already." : "The session is cancelled.");
    });
}
