using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using System.Threading;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>The bars of a tree: one for all of it, and below it one for each of the files that run, as far as a screen holds them. None goes backwards.</summary>
internal sealed class TreeProgress(Cmdlet cmdlet, string destination, TimeProvider clock)
{
    /// <summary>More of them are no longer read, and PowerShell draws all of them anew each time.</summary>
    private const int Bars = 6;
    private static int s_lastId = 1 << 20;

    private readonly int _id = Interlocked.Add(ref s_lastId, Bars + 1);
    private readonly string _activity = $"Uploading to {destination}";
    private readonly long _begin = clock.GetTimestamp();
    private readonly string?[] _files = new string?[Bars];
    private readonly int[] _shown = new int[Bars];
    private int _percent;
    private bool _isShown;

    /// <summary>Shows how far it is.</summary>
    internal void Report(Progress progress, string running)
    {
        FileCounts files = progress.Files ?? new FileCounts(0, 0, false);
        TimeSpan elapsed = clock.GetElapsedTime(_begin);
        double rate = elapsed > TimeSpan.Zero ? progress.BytesDone / elapsed.TotalSeconds : 0;
        double part = files.AllKnown ? Part(progress, files) : 0;
        _percent = Math.Max(_percent, (int)(part * 100));
        var bar = new ProgressRecord(_id, _activity, Status(progress, files, rate)) { PercentComplete = _percent };
        if (part > 0)
        {
            bar.SecondsRemaining = (int)Math.Min(int.MaxValue, elapsed.TotalSeconds * (1 - part) / part);
        }
        _isShown = true;
        cmdlet.WriteProgress(bar);
        ReportFiles(running);
    }

    /// <summary>Takes the bars away.</summary>
    internal void Complete()
    {
        for (int at = 0; at < Bars; at++)
        {
            End(at);
        }
        if (_isShown)
        {
            _isShown = false;
            cmdlet.WriteProgress(new ProgressRecord(_id, _activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>What is done: bytes and files count the same, for many small files take as long as few large ones.</summary>
    private static double Part(Progress progress, FileCounts files)
    {
        double byFiles = files.Known > 0 ? (double)files.Done / files.Known : 1;
        double byBytes = progress.BytesTotal > 0 ? (double)progress.BytesDone / progress.BytesTotal : byFiles;
        return Math.Clamp((byFiles + byBytes) / 2, 0, 1);
    }

    private static string Status(Progress progress, FileCounts files, double rate)
    {
        string more = files.AllKnown ? string.Empty : "at least ";
        string counts = string.Create(CultureInfo.InvariantCulture, $"{files.Done} of {more}{files.Known} files, {UploadProgress.Size(progress.BytesDone)} of {more}{UploadProgress.Size(progress.BytesTotal)} at {UploadProgress.Size(rate)}/s");
        return progress.Phase == Phase.Waiting ? $"{counts}; {Telling.Why(progress.Reason, progress.Status)}, going on in {Telling.Time(progress.Pause)}" : counts;
    }

    /// <summary>A file keeps its bar until it is settled; one that comes takes a free one.</summary>
    private void ReportFiles(string running)
    {
        using JsonDocument list = JsonDocument.Parse(running.Length == 0 ? "[]" : running);
        var now = list.RootElement.EnumerateArray().Select(static file => (Path: file.GetProperty("path").GetString() ?? string.Empty, Sent: file.GetProperty("sent").GetInt64(), Size: file.GetProperty("size").GetInt64())).ToList();
        HashSet<string> paths = [.. now.Select(static file => file.Path)];
        for (int at = 0; at < Bars; at++)
        {
            if (_files[at] is { } path && !paths.Contains(path))
            {
                End(at);
            }
        }
        foreach ((string path, long sent, long size) in now.OrderByDescending(static file => file.Size))
        {
            int at = Array.IndexOf(_files, path);
            if (at < 0 && (at = Array.IndexOf(_files, null)) < 0)
            {
                continue;
            }
            _files[at] = path;
            _shown[at] = Math.Max(_shown[at], Percent.Of(sent, size));
            cmdlet.WriteProgress(new ProgressRecord(_id + at + 1, Path.GetFileName(path), $"{UploadProgress.Size(sent)} of {UploadProgress.Size(size)}") { ParentActivityId = _id, PercentComplete = _shown[at] });
        }
    }

    private void End(int at)
    {
        if (_files[at] is { } path)
        {
            cmdlet.WriteProgress(new ProgressRecord(_id + at + 1, Path.GetFileName(path), "Done") { ParentActivityId = _id, RecordType = ProgressRecordType.Completed });
            (_files[at], _shown[at]) = (null, 0);
        }
    }
}
