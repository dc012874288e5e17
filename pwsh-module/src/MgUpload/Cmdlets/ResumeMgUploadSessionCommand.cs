using System.Linq;
using System.Management.Automation;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Goes on with uploads that a crash, a lost connection or Ctrl+C has left open.</summary>
[Cmdlet(VerbsLifecycle.Resume, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, HelpUri = Help.Pages + "Resume-MgUploadSession.md")]
[OutputType(typeof(UploadResult), typeof(ItemResult))]
public sealed class ResumeMgUploadSessionCommand : UploadCmdlet
{
    private static readonly string[] s_ofSessions = [nameof(ChunkSize), nameof(MaxAttempts), nameof(WaitBudget), nameof(DeferCommit), nameof(Sha256), nameof(Force)];

    /// <summary>The ids, or the open uploads themselves.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [OpenUploadId]
    [ArgumentCompleter(typeof(OpenUploadCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Goes on although the file is no longer what it was.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string id in Id!)
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            Guard(id, () => Resume(id));
        }
    }

    private void Resume(string id)
    {
        UploadClient client = ClientFor();
        OpenUpload? open = Find(client, id);
        // An id that is not on record is the core's to refuse.
        if (open is not null && !ShouldProcess(open is OpenTree all ? all.InWords : open.Path, $"Go on with the upload to {open.Destination}"))
        {
            return;
        }
        if (open is OpenTree tree)
        {
            foreach (string own in s_ofSessions.Where(MyInvocation.BoundParameters.ContainsKey))
            {
                Warn($"-{own} is for single uploads; the tree {id} goes on as it was begun.");
            }
            SendTree(() => client.StartTreeResume(tree.Id), tree.Destination);
        }
        else
        {
            UploadFlags force = Force ? UploadFlags.ResumeForce : UploadFlags.None;
            Upload(open?.Path ?? id, isFile: true, new(open?.Name, open?.Destination ?? id), $"Complete-MgUploadSession -Id {id}",
                options => client.StartResume(id, options with { Flags = options.Flags | force }));
        }
    }
}
