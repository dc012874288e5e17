using System;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Threading;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>The progress bar of one upload: shown when the work lasts, renewed when something changes, taken away at the end.</summary>
internal sealed class UploadProgress(Cmdlet cmdlet, string path, TimeProvider clock)
{
    private static int s_lastId;

    private readonly int _id = Interlocked.Increment(ref s_lastId);
    private readonly string _activity = $"Uploading {Path.GetFileName(path)}";
    private readonly long _begin = clock.GetTimestamp();
    private long _firstByte = -1;
    private Look? _shown;

    internal void Report(Progress progress)
    {
        // A session that goes on where it stopped begins with bytes that were not sent now.
        if (_firstByte < 0)
        {
            _firstByte = progress.BytesDone;
        }
        TimeSpan elapsed = clock.GetElapsedTime(_begin);
        int percent = Percent.Of(progress.BytesDone, progress.BytesTotal);
        var now = new Look(percent, progress.Phase, (int)elapsed.TotalSeconds);
        if (now == _shown)
        {
            return;
        }
        _shown = now;
        double rate = elapsed > TimeSpan.Zero ? (progress.BytesDone - _firstByte) / elapsed.TotalSeconds : 0;
        var record = new ProgressRecord(_id, _activity, Status(progress, rate)) { PercentComplete = percent };
        if (rate > 0 && progress.Phase is Phase.Sending)
        {
            record.SecondsRemaining = (int)Math.Min(int.MaxValue, (progress.BytesTotal - progress.BytesDone) / rate);
        }
        cmdlet.WriteProgress(record);
    }

    internal void Complete()
    {
        if (_shown is not null)
        {
            cmdlet.WriteProgress(new ProgressRecord(_id, _activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private static string Status(Progress progress, double rate) => progress.Phase switch
    {
        Phase.Waiting => $"{Telling.Why(progress.Reason, progress.Status)}, going on in {Telling.Time(progress.Pause)}",
        Phase.Asking => "asking the service what it has",
        Phase.Verifying => "verifying",
        _ => $"{Size(progress.BytesDone)} of {Size(progress.BytesTotal)} at {Size(rate)}/s",
    };

    /// <summary>Bytes as a person reads them.</summary>
    internal static string Size(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++)
        {
            bytes /= 1024;
        }
        return bytes.ToString(unit == 0 ? "0 " : "0.0 ", CultureInfo.InvariantCulture) + units[unit];
    }

    /// <summary>What the bar tells apart.</summary>
    private sealed record Look(int Percent, Phase Phase, int Second);
}
