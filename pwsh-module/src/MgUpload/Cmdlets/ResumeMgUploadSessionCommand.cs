using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Goes on with uploads that a crash, a lost connection or Ctrl+C has left open.</summary>
[Cmdlet(VerbsLifecycle.Resume, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(UploadResult))]
public sealed class ResumeMgUploadSessionCommand : UploadCmdlet
{
    /// <summary>The ids, or the open uploads themselves.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [OpenUploadId]
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
            Guard(id, () =>
            {
                if (ShouldProcess($"the open upload {id}", "Resume"))
                {
                    Upload(id, isFile: true, $"Complete-MgUploadSession -Id {id}", options => GraphConnection.ClientForUploads.StartResume(
                        id, Force ? options with { Flags = options.Flags | UploadFlags.ResumeForce } : options));
                }
            });
        }
    }
}
