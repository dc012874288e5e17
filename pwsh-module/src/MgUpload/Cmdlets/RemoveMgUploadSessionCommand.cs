using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Cancels a session and forgets it; what was sent to it is thrown away by the service.</summary>
[Cmdlet(VerbsCommon.Remove, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = BySession)]
[OutputType(typeof(void))]
public sealed class RemoveMgUploadSessionCommand : UploadSessionCmdlet
{
    /// <summary>The ids of open uploads.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [OpenUploadId]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? record in ParameterSetName == ById ? Id! : new[] { InputObject })
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            Guard(record, () => Cancel(ParameterSetName == ById ? UploadSessionJson.OfId((string)record!) : Session()));
        }
    }

    private void Cancel(UploadSessionJson session)
    {
        if (!ShouldProcess(session.Target, "Cancel the upload session"))
        {
            return;
        }
        using Operation operation = GraphConnection.ClientForUploads.StartCancel(session.ToString());
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        bool gone = result.RootElement.GetProperty("alreadyGone").GetBoolean();
        WriteVerbose(gone ? "The session was gone already." : "The session is cancelled.");
    }
}
