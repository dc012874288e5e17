using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace MgUpload.Results;

/// <summary>A line for each file that is settled, in a file of comma-separated values; each line is on disk before the next file's.</summary>
internal sealed class CsvReport : IDisposable
{
    private readonly StreamWriter _file;

    /// <summary>Begins a file; one that is there is replaced.</summary>
    internal CsvReport(string path)
    {
        _file = new StreamWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true, NewLine = Environment.NewLine };
        Line("Path", "Destination", "Name", "ItemId", "WebUrl", "Length", "Status", "Reason", "Integrity", "Error", "Seconds");
    }

    internal void Add(ItemResult result) => Line(
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
        result.Elapsed.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));

    public void Dispose() => _file.Dispose();

    private void Line(params string?[] values) => _file.WriteLine(string.Join(',', values.Select(static value => $"\"{value?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
}
