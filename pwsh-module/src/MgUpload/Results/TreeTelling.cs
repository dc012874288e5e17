using System;
using System.Globalization;
using System.Text.Json;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>What is said of a whole tree: what its service allows, what it has come to, how it is gone on with.</summary>
internal static class TreeTelling
{
    /// <summary>What Microsoft publishes for one user: bytes in an hour, requests in five minutes.</summary>
    private const double BytesPerHour = 50.0 * 1024 * 1024 * 1024;
    private const double RequestsPerSecond = 3000.0 / 300;

    /// <summary>A file takes a session and a request with its bytes.</summary>
    private const int RequestsPerFile = 2;

    /// <summary>The least time that so many files can take a user, whatever the line.</summary>
    internal static TimeSpan Floor(long files, long bytes) =>
        TimeSpan.FromSeconds(Math.Max(bytes / BytesPerHour * 3600, files * RequestsPerFile / RequestsPerSecond));

    /// <summary>The same in words; null where it is no long run.</summary>
    internal static string? FloorLine(long files, long bytes)
    {
        TimeSpan floor = Floor(files, bytes);
        if (floor < TimeSpan.FromMinutes(10))
        {
            return null;
        }
        return $"{Number(files)} files with {UploadProgress.Size(bytes)}: where all of it has to be sent, a signed-in user's limits (50 GB an hour, 3,000 requests in 5 minutes) let that take {Hours(floor)} at least.";
    }

    /// <summary>The sums of a run, in one line.</summary>
    internal static string Sums(JsonElement result)
    {
        JsonElement sums = result.GetProperty("sums");
        long Of(string name) => sums.GetProperty(name).GetInt64();
        string sent = Of("wouldUpload") > 0 ? $"{Number(Of("wouldUpload"))} would be uploaded" : $"{Number(Of("uploaded"))} uploaded";
        string paused = result.GetProperty("throttledMillis").GetDouble() is >= 1000 and var millis ? $", {Hours(TimeSpan.FromMilliseconds(millis))} of it paused for the service" : string.Empty;
        return $"{sent} ({UploadProgress.Size(Of("bytesUploaded"))}), {Number(Of("unchanged"))} unchanged, {Number(Of("skipped"))} skipped, {Number(Of("failed"))} failed; "
            + $"{Number(Of("foldersMade"))} folders made, {Number(result.GetProperty("requests").GetInt64())} requests, {Hours(TimeSpan.FromMilliseconds(result.GetProperty("elapsedMillis").GetDouble()))}{paused}.";
    }

    /// <summary>Where it went, or would go.</summary>
    internal static string Place(JsonElement place)
    {
        string? Of(string name) => ItemResultReader.Text(place, name);
        return $"The destination is drive {Of("driveId")}, folder {Of("itemId") ?? "(to be made)"}, {Of("webUrl")}.";
    }

    /// <summary>One line for who has pressed Ctrl+C.</summary>
    internal static string AfterStop(Progress last, string? id) => last.Files is { } files
        ? $"Stopped after {Number(files.Done)} of {(files.AllKnown ? string.Empty : "at least ")}{Number(files.Known)} files. {GoOn(id)}"
        : $"Stopped. {GoOn(id)}";

    /// <summary>What goes on, with the id of the job where it is on record.</summary>
    internal static string GoOn(string? id) => id is null
        ? "The same command goes on: what is there is not sent again."
        : $"Go on with Resume-MgUploadSession -Id {id}, or with the same command: what is there is not sent again.";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Hours(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => time.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture),
        { TotalMinutes: < 60 } => time.TotalMinutes.ToString("0 'min'", CultureInfo.InvariantCulture),
        _ => time.TotalHours.ToString("0.0 'h'", CultureInfo.InvariantCulture),
    };
}
