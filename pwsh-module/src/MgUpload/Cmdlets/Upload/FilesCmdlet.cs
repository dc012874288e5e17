using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using MgUpload.Native;
using MgUpload.Results;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that send files one by one.</summary>
public abstract class FilesCmdlet : PathsCmdlet
{
    private readonly List<FileInfo> _files = [];
    private readonly HashSet<string> _named = new(SourcePaths.Once);

    private protected FilesCmdlet()
    {
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_files.Count > 0 && !StopToken.IsCancellationRequested)
        {
            Send(_files);
        }
    }

    /// <summary>Whether a file that is named twice is meant twice.</summary>
    private protected virtual bool TakesTwice => false;

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
            ErrorRecord record = Errors.OfFile(failure, file.FullName);
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

    /// <inheritdoc/>
    private protected override void Add(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            string why = Directory.Exists(path) ? $"{path} is a folder, and a file is wanted" : $"There is no file {path}";
            throw new MgUploadException(ErrorKind.SourceMissing, $"{why}; it was not sent.") { Advice = "Pass the paths of files; Get-ChildItem -File gives those in a folder." };
        }
        if (!_named.Add(file.FullName) && !TakesTwice)
        {
            Say($"{path} was named before, and is sent once.");
            return;
        }
        _files.Add(file);
    }
}
