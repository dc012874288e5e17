using System;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>Reads the core's result of a file that was brought to where it belongs.</summary>
internal static class ItemResultReader
{
    /// <param name="result">The core's result.</param>
    /// <param name="path">The file.</param>
    /// <param name="destination">What it went to.</param>
    internal static ItemResult Uploaded(JsonElement result, string path, string destination) => new()
    {
        Path = path,
        Destination = destination,
        Name = OfItem(result, "name"),
        ItemId = OfItem(result, "id"),
        WebUrl = OfItem(result, "webUrl"),
        Length = result.GetProperty("length").GetInt64(),
        Status = "Uploaded",
        Integrity = Text(result, "integrity"),
        Elapsed = TimeSpan.FromMilliseconds(result.GetProperty("elapsedMillis").GetDouble()),
    };

    /// <summary>A row of a tree.</summary>
    internal static ItemResult Row(JsonElement row) => new()
    {
        Path = Text(row, "path") ?? string.Empty,
        Destination = Text(row, "destination"),
        Name = Text(row, "name"),
        ItemId = Text(row, "itemId"),
        WebUrl = Text(row, "webUrl"),
        Length = row.GetProperty("length").GetInt64(),
        Status = Capital(Text(row, "status") ?? string.Empty),
        Reason = Text(row, "reason"),
        Integrity = Text(row, "integrity"),
        Error = row.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object ? ErrorOf(row, error) : null,
        Elapsed = TimeSpan.FromMilliseconds(row.GetProperty("elapsedMs").GetDouble()),
    };

    private static ErrorRecord ErrorOf(JsonElement row, JsonElement error)
    {
        MgUploadException failure = TreeFailure.Of(error);
        failure.Advice = Advice.ForFile(failure, Text(row, "reason"));
        return Errors.OfFile(failure, Text(row, "path") ?? string.Empty);
    }

    private static string Capital(string word) => word.Length == 0 ? word : $"{char.ToUpperInvariant(word[0])}{word[1..]}";

    internal static string? OfItem(JsonElement result, string name) =>
        result.TryGetProperty("item", out JsonElement item) && item.ValueKind == JsonValueKind.Object ? Text(item, name) : null;

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
