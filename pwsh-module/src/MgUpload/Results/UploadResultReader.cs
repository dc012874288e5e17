using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;

namespace MgUpload.Results;

/// <summary>Reads the core's result of an upload.</summary>
internal static class UploadResultReader
{
    /// <param name="result">The core's result.</param>
    /// <param name="isFile">Whether the path is the user's own, and not that of a copy.</param>
    internal static UploadResult Read(JsonElement result, bool isFile)
    {
        TimeSpan elapsed = TimeSpan.FromMilliseconds(result.GetProperty("elapsedMillis").GetDouble());
        long length = result.GetProperty("length").GetInt64();
        long sent = result.GetProperty("bytesSent").GetInt64();
        return new UploadResult
        {
            Path = isFile ? Text(result, "path") : null,
            Family = Text(result, "family") ?? string.Empty,
            Length = length,
            BytesSent = sent,
            Requests = result.GetProperty("requests").GetInt64(),
            Retries = result.GetProperty("retries").GetInt64(),
            Elapsed = elapsed,
            ThrottledTime = TimeSpan.FromMilliseconds(result.GetProperty("throttledMillis").GetDouble()),
            // What an earlier upload had sent took none of this time, and what was sent twice is no gain.
            Rate = Math.Min(sent, length) / Math.Max(elapsed.TotalSeconds, 0.001),
            Item = Item(result),
            Location = Text(result, "location"),
            Committed = result.GetProperty("committed").GetBoolean(),
            Hash = Text(result, "hash"),
            Sha256 = Text(result, "sha256"),
            ServiceHash = Text(result, "serviceHash"),
            Integrity = Text(result, "integrity") ?? string.Empty,
        };
    }

    /// <summary>What the service returned, in the results of uploads and commits.</summary>
    internal static PSObject? Item(JsonElement result) =>
        result.TryGetProperty("item", out JsonElement item) && item.ValueKind == JsonValueKind.Object ? Object(item) : null;

    /// <summary>What went well, but not quite.</summary>
    internal static IEnumerable<string> Warnings(JsonElement result) =>
        result.TryGetProperty("warnings", out JsonElement warnings) ? warnings.EnumerateArray().Select(static warning => warning.GetString() ?? string.Empty) : [];

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
