using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace MgUpload.Results;

/// <summary>A line for each file that is settled, in a file of comma-separated values; each line is on disk before the next file's.</summary>
internal sealed class CsvReport : IDisposable
{
    private readonly FileStream _stream;
    private readonly StreamWriter _file;

    /// <summary>Opens the file; what is in it stays until the report begins.</summary>
    internal CsvReport(string path)
    {
        Path = path;
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        _file = new StreamWriter(_stream) { AutoFlush = true, NewLine = Environment.NewLine };
    }

    internal string Path { get; }

    /// <summary>Why it takes no more lines; null where it does.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Begins the report, in place of what was in the file; false where it cannot be begun.</summary>
    internal bool Begin() => Write(() =>
    {
        // A pipe has no length, and a device cannot lose it.
        if (_stream.CanSeek && _stream.Length > 0)
        {
            _stream.SetLength(0);
        }
        Line("Path", "Destination", "Name", "ItemId", "WebUrl", "Length", "Status", "Reason", "Integrity", "Error", "Seconds");
    });

    /// <summary>Adds a file; false where that is the first which finds no place.</summary>
    internal bool Add(ItemResult result) => Fault is not null || Write(() => Line(
        result.Path,
        result.Destination,
        result.Name,
        result.ItemId,
        result.WebUrl,
        result.Length.ToString(CultureInfo.InvariantCulture),
        result.Status,
        result.Reason,
        result.Integrity,
        result.Error?.Exception.Message,
        result.Elapsed.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)));

    public void Dispose() => Write(_file.Dispose);

    private bool Write(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Fault ??= error.Message;
            return false;
        }
    }

    private void Line(params string?[] values) => _file.WriteLine(string.Join(',', values.Select(static value => $"\"{value?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
}
