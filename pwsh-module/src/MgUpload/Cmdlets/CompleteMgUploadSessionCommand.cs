using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Puts an item in place whose bytes are all there: the commit was left, or has failed.</summary>
[Cmdlet(VerbsLifecycle.Complete, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = BySession)]
[OutputType(typeof(PSObject))]
public sealed class CompleteMgUploadSessionCommand : UploadSessionCmdlet
{
    /// <summary>The ids of open uploads.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [OpenUploadId]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>What becomes of an item that has the name already; the default is what the session was made with.</summary>
    [Parameter]
    [ValidateSet("fail", "replace", "rename")]
    public string? ConflictBehavior { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? record in ParameterSetName == ById ? Id! : new[] { InputObject })
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            Guard(record, () => Commit(ParameterSetName == ById ? UploadSessionJson.OfId((string)record!) : Session()));
        }
    }

    private void Commit(UploadSessionJson session)
    {
        if (!ShouldProcess(session.Target, "Commit the upload session"))
        {
            return;
        }
        using Operation operation = GraphConnection.ClientForUploads.StartCommit(session.ToString(), ConflictBehavior?.ToLowerInvariant() ?? string.Empty);
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        WriteObject(UploadResultReader.Item(result.RootElement));
    }
}
