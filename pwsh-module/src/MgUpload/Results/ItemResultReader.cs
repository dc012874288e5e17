using System;
using System.Text.Json;

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

    internal static string? OfItem(JsonElement result, string name) =>
        result.TryGetProperty("item", out JsonElement item) && item.ValueKind == JsonValueKind.Object ? Text(item, name) : null;

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
