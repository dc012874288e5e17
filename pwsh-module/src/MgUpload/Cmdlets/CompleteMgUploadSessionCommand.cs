using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Puts an item in place whose bytes are all there: the commit was left, or has failed.</summary>
[Cmdlet(VerbsLifecycle.Complete, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = BySession,
    HelpUri = Help.Pages + "Complete-MgUploadSession.md")]
[OutputType(typeof(PSObject))]
public sealed class CompleteMgUploadSessionCommand : OneSessionCmdlet
{
    /// <summary>The ids of open uploads.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [OpenUploadId]
    [ArgumentCompleter(typeof(OpenUploadCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>What becomes of an item that has the name already; the default is what the session was made with.</summary>
    [Parameter]
    [ValidateSet("fail", "replace", "rename")]
    public string? ConflictBehavior { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Each(Id, Commit);

    private void Commit(UploadSessionJson session, UploadClient client)
    {
        if (!ShouldProcess(InWords(client, session), "Put the uploaded file in place"))
        {
            return;
        }
        using Operation operation = client.StartCommit(session.ToString(), ConflictBehavior?.ToLowerInvariant() ?? string.Empty);
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        WriteObject(UploadResultReader.Item(result.RootElement));
    }
}
