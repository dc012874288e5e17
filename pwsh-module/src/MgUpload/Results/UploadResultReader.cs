using System;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;

namespace MgUpload.Results;

/// <summary>Reads the core's result of an upload.</summary>
internal static class UploadResultReader
{
    internal static UploadResult Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement result = document.RootElement;
        TimeSpan elapsed = TimeSpan.FromMilliseconds(result.GetProperty("elapsedMillis").GetDouble());
        long length = result.GetProperty("length").GetInt64();
        return new UploadResult
        {
            Path = Text(result, "path") ?? string.Empty,
            Family = Text(result, "family") ?? string.Empty,
            Length = length,
            BytesSent = result.GetProperty("bytesSent").GetInt64(),
            Requests = result.GetProperty("requests").GetInt64(),
            Retries = result.GetProperty("retries").GetInt64(),
            Elapsed = elapsed,
            Throttled = TimeSpan.FromMilliseconds(result.GetProperty("throttledMillis").GetDouble()),
            Rate = elapsed > TimeSpan.Zero ? length / elapsed.TotalSeconds : length,
            Item = result.TryGetProperty("item", out JsonElement item) && item.ValueKind == JsonValueKind.Object ? Object(item) : null,
            Location = Text(result, "location"),
            Committed = result.GetProperty("committed").GetBoolean(),
            Hash = Text(result, "hash"),
            ServiceHash = Text(result, "serviceHash"),
            Integrity = Text(result, "integrity") ?? string.Empty,
        };
    }

    /// <summary>A JSON object as PowerShell shows objects, its members at every depth.</summary>
    private static PSObject Object(JsonElement element)
    {
        var result = new PSObject();
        foreach (JsonProperty member in element.EnumerateObject())
        {
            // Names that differ in case only would be one property twice.
            if (result.Properties[member.Name] is null)
            {
                result.Properties.Add(new PSNoteProperty(member.Name, Value(member.Value)));
            }
        }
        return result;
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        _ => JsonValue.Of(element),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
