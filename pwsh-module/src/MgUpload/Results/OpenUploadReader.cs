using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace MgUpload.Results;

/// <summary>Reads the core's list of what is open on this machine.</summary>
internal static class OpenUploadReader
{
    internal const string Running = nameof(Running);
    internal const string Interrupted = nameof(Interrupted);
    internal const string Complete = nameof(Complete);
    internal const string Expired = nameof(Expired);

    /// <summary>What is open.</summary>
    /// <remarks>Trees come last: who goes on with all, or removes all, finds the files of a tree open still.</remarks>
    internal static OpenUpload[] Open(JsonElement list) =>
        [.. list.GetProperty("open").EnumerateArray().Select(Read), .. list.GetProperty("trees").EnumerateArray().Select(ReadTree)];

    /// <summary>The files that are no records, and why not.</summary>
    internal static IEnumerable<(string File, string Why)> Unreadable(JsonElement list) =>
        list.GetProperty("unreadable").EnumerateArray().Select(static entry => (Text(entry, "file") ?? string.Empty, Text(entry, "why") ?? string.Empty));

    /// <summary>An upload as the service has it now.</summary>
    internal static OpenUpload Refreshed(OpenUpload open, JsonElement answer)
    {
        JsonElement state = answer.GetProperty("state");
        if (state.ValueKind != JsonValueKind.Object)
        {
            return open;
        }
        long done = state.GetProperty("missing") is { ValueKind: JsonValueKind.Number } missing ? missing.GetInt64() : open.Length ?? 0;
        DateTime? expires = Time(Text(state, "expires")) ?? open.Expires;
        return open with { BytesDone = done, Expires = expires, State = StateOf(open.State == Running, done, open.Length, expires) };
    }

    private static OpenUpload Read(JsonElement entry)
    {
        string path = Text(entry, "path") ?? string.Empty;
        long? length = entry.GetProperty("length") is { ValueKind: JsonValueKind.Number } known ? known.GetInt64() : null;
        long done = entry.GetProperty("position").GetInt64();
        DateTime? expires = Time(Text(entry, "expires"));
        return new OpenUpload
        {
            Id = Text(entry, "id") ?? string.Empty,
            Name = Text(entry, "name") ?? System.IO.Path.GetFileName(path),
            Path = path,
            Destination = Text(entry, "destination") ?? string.Empty,
            Family = Text(entry, "family") ?? string.Empty,
            State = StateOf(entry.GetProperty("running").GetBoolean(), done, length, expires),
            Length = length,
            BytesDone = done,
            Created = Time(Text(entry, "created")),
            Expires = expires,
        };
    }

    private static OpenTree ReadTree(JsonElement entry)
    {
        string[] sources = [.. entry.GetProperty("request").GetProperty("sources").EnumerateArray().Select(static source => Text(source, "path") ?? string.Empty)];
        JsonElement place = entry.GetProperty("destination");
        JsonElement? standing = entry.GetProperty("standing") is { ValueKind: JsonValueKind.Object } noted ? noted : null;
        long Of(string name) => standing?.GetProperty(name).GetInt64() ?? 0;
        bool isKnown = standing?.GetProperty("walked").GetBoolean() is true;
        string path = sources.FirstOrDefault() ?? string.Empty;
        return new OpenTree
        {
            Id = Text(entry, "id") ?? string.Empty,
            Name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path)) is { Length: > 0 } name ? name : path,
            Path = path,
            Sources = sources,
            Destination = $"/drives/{Text(place, "driveId")}/root:/{Text(place, "path")}",
            WebUrl = Text(place, "webUrl"),
            Family = "drive",
            State = entry.GetProperty("running").GetBoolean() ? Running : Interrupted,
            FilesDone = Of("done"),
            Files = isKnown ? Of("known") : null,
            BytesDone = Of("bytesDone"),
            Length = isKnown ? Of("bytesTotal") : null,
            Created = Time(Text(entry, "created")),
        };
    }

    private static string StateOf(bool isRunning, long done, long? length, DateTime? expires) =>
        isRunning ? Running : expires < DateTime.Now ? Expired : length > 0 && done >= length ? Complete : Interrupted;

    /// <summary>In local time, for it is compared with what Get-Date says.</summary>
    private static DateTime? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.LocalDateTime : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
