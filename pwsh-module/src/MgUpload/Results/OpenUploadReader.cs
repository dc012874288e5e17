using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace MgUpload.Results;

/// <summary>Reads the core's list of what is open on this machine.</summary>
internal static class OpenUploadReader
{
    internal static OpenUpload[] Open(JsonElement list) => [.. list.GetProperty("open").EnumerateArray().Select(Read)];

    /// <summary>The files that are no records, and why not.</summary>
    internal static IEnumerable<(string File, string Why)> Unreadable(JsonElement list) =>
        list.GetProperty("unreadable").EnumerateArray().Select(static entry => (Text(entry, "file") ?? string.Empty, Text(entry, "why") ?? string.Empty));

    private static OpenUpload Read(JsonElement entry) => new()
    {
        Id = Text(entry, "id") ?? string.Empty,
        Path = Text(entry, "path") ?? string.Empty,
        Destination = Text(entry, "destination") ?? string.Empty,
        Family = Text(entry, "family") ?? string.Empty,
        Length = entry.GetProperty("length").GetInt64(),
        BytesDone = entry.GetProperty("position").GetInt64(),
        Created = Time(Text(entry, "created")),
        Expires = Time(Text(entry, "expires")),
    };

    /// <summary>In local time, for it is compared with what Get-Date says.</summary>
    private static DateTime? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.LocalDateTime : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
