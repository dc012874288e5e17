using System;
using System.Management.Automation;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Uploads a file to a session.</summary>
[Cmdlet(VerbsCommunications.Send, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(UploadResult))]
public sealed class SendMgUploadSessionCommand : UploadSessionCmdlet
{
    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LiteralPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Bytes in one request; the default suits the session's back end.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long ChunkSize { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Path, () =>
    {
        UploadSessionJson session = Session();
        string file = FileSystemPath(Path!);
        if (!ShouldProcess(file, $"Upload to {session.Target}"))
        {
            return;
        }
        var bar = new UploadProgress(this, file, TimeProvider.System);
        try
        {
            using Operation operation = GraphConnection.ClientForUploads.StartUpload(session.ToString(), file, new UploadOptions(ChunkSize));
            UploadResult result = UploadResultReader.Read(Await(operation, bar.Report));
            WriteVerbose($"{result.Length} bytes in {result.Requests} requests, {result.Retries} of them repeated; integrity: {result.Integrity}.");
            WriteObject(result);
        }
        finally
        {
            bar.Complete();
        }
    });

    /// <summary>The path as the file system has it; wildcards are plain characters, other providers are refused.</summary>
    private string FileSystemPath(string path)
    {
        string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"{path} is no path of the file system.") { Advice = "Pass the path of a file." };
        }
        return full;
    }
}
