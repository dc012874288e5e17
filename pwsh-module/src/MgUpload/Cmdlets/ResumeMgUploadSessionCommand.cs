using System;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

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
            Guard(id, () => Resume(id));
        }
    }

    private void Resume(string id)
    {
        string? path = PathOf(id);
        if (ShouldProcess(path ?? $"the open upload {id}", $"Resume the upload {id}"))
        {
            UploadFlags force = Force ? UploadFlags.ResumeForce : UploadFlags.None;
            Upload(path ?? id, isFile: true, $"Complete-MgUploadSession -Id {id}", options =>
                GraphConnection.ClientForUploads.StartResume(id, options with { Flags = options.Flags | force }));
        }
    }

    /// <summary>The file, for people; an id that is not on record is the core's to refuse.</summary>
    private string? PathOf(string id)
    {
        using Operation operation = GraphConnection.ClientForUploads.StartList();
        using JsonDocument list = JsonDocument.Parse(Await(operation));
        return OpenUploadReader.Open(list.RootElement).FirstOrDefault(open => open.Id.Equals(id, StringComparison.OrdinalIgnoreCase))?.Path;
    }
}
