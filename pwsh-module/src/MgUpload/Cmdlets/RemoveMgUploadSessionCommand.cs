using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Cancels a session and forgets it; what was sent to it is thrown away by the service.</summary>
[Cmdlet(VerbsCommon.Remove, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = BySession,
    HelpUri = Help.Pages + "Remove-MgUploadSession.md")]
[OutputType(typeof(void))]
public sealed class RemoveMgUploadSessionCommand : OneSessionCmdlet
{
    /// <summary>The ids of open uploads.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [OpenUploadId]
    [ArgumentCompleter(typeof(OpenUploadCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Each(Id, Cancel);

    private void Cancel(UploadSessionJson session, UploadClient client)
    {
        if (session.JournalId is { } id && Find(client, id) is OpenTree tree)
        {
            GiveUp(tree, client);
            return;
        }
        if (!ShouldProcess(InWords(client, session), "Cancel the upload, and throw away what was sent"))
        {
            return;
        }
        using Operation operation = client.StartCancel(session.ToString());
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        bool gone = result.RootElement.GetProperty("alreadyGone").GetBoolean();
        Say(gone ? "The session was gone already." : "The session is cancelled.");
    }

    private void GiveUp(OpenTree tree, UploadClient client)
    {
        if (ShouldProcess(tree.InWords, "Give up the rest of the tree; what has arrived stays"))
        {
            using Operation operation = client.StartTreeForget(tree.Id);
            using JsonDocument result = JsonDocument.Parse(Await(operation));
            Say($"The tree is no more on record; {result.RootElement.GetProperty("sessions").GetInt64()} sessions of its files are cancelled.");
        }
    }
}
