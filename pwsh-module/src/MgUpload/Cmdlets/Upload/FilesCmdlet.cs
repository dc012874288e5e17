using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using MgUpload.Native;
using MgUpload.Results;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that take files by their paths: all of them are known before the first is sent.</summary>
public abstract class FilesCmdlet : TransferCmdlet
{
    private readonly List<FileInfo> _files = [];

    private protected FilesCmdlet()
    {
    }

    /// <summary>The files; wildcards are expanded.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>The files, by paths that are taken as they are.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Path is null && !MyInvocation.BoundParameters.ContainsKey(nameof(LiteralPath)) && !MyInvocation.ExpectingInput)
        {
            ThrowTerminatingError(Errors.Record(new MgUploadException(ErrorKind.InvalidInput, "No file was named.") { Advice = "Give the files with -Path or -LiteralPath, or pipe them from Get-ChildItem." }, null));
        }
        foreach (string path in Path ?? [])
        {
            Guard(path, () => Add(path, isLiteral: false));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in LiteralPath ?? [])
        {
            Guard(path, () => Add(path, isLiteral: true));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_files.Count > 0 && !StopToken.IsCancellationRequested)
        {
            Send(_files);
        }
    }

    /// <summary>Sends the files.</summary>
    private protected abstract void Send(IReadOnlyList<FileInfo> files);

    /// <summary>Sends one of them; what fails is an object too, and the next file is served.</summary>
    private protected void SendOne(FileInfo file, Func<ItemResult> send, Func<ErrorRecord, TimeSpan, ItemResult> failed)
    {
        long begin = TimeProvider.System.GetTimestamp();
        try
        {
            WriteObject(send());
        }
        catch (MgUploadException failure) when (failure.Kind != ErrorKind.Cancelled && !Errors.IsFatal(failure.Kind))
        {
            ErrorRecord record = Errors.Record(failure, file.FullName);
            WriteObject(failed(record, TimeProvider.System.GetElapsedTime(begin)));
            Report(record);
        }
    }

    /// <summary>Who may not is told what the token needs.</summary>
    private protected static T Permitted<T>(string permissions, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (MgUploadException failure) when (failure is { Kind: ErrorKind.Forbidden, WithToken: true })
        {
            failure.Advice = Advice.Permissions(permissions);
            throw;
        }
    }

    private void Add(string path, bool isLiteral)
    {
        foreach (string one in isLiteral ? [SourcePaths.Literal(SessionState.Path, path)] : SourcePaths.Expanded(SessionState.Path, path))
        {
            var file = new FileInfo(one);
            if (!file.Exists)
            {
                string why = Directory.Exists(one) ? $"{one} is a folder, and a file is wanted" : $"There is no file {one}";
                Report(Errors.Record(new MgUploadException(ErrorKind.SourceMissing, $"{why}; it was not sent.") { Advice = "Pass the paths of files; Get-ChildItem -File gives those in a folder." }, one));
                continue;
            }
            _files.Add(file);
        }
    }
}
