using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;

namespace MgUpload.Results;

/// <summary>Reads the core's result of an upload.</summary>
internal static class UploadResultReader
{
    /// <param name="result">The core's result.</param>
    /// <param name="isFile">Whether the path is the user's own, and not that of a copy.</param>
    /// <param name="destination">Where it was to go.</param>
    internal static UploadResult Read(JsonElement result, bool isFile, Destination destination)
    {
        JsonElement? item = result.TryGetProperty("item", out JsonElement found) && found.ValueKind == JsonValueKind.Object ? found : null;
        string? OfItem(string name) => item is { } element ? Text(element, name) : null;
        TimeSpan elapsed = TimeSpan.FromMilliseconds(result.GetProperty("elapsedMillis").GetDouble());
        long length = result.GetProperty("length").GetInt64();
        long sent = result.GetProperty("bytesSent").GetInt64();
        return new UploadResult
        {
            Path = isFile ? Text(result, "path") : null,
            // What the service has made of the name: a rename is its to decide.
            Name = OfItem("name") ?? destination.Name,
            ItemId = OfItem("id"),
            WebUrl = OfItem("webUrl"),
            Destination = destination.Path,
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
    internal static IEnumerable<string> Warnings(JsonElement result)
    {
        if (result.TryGetProperty("warnings", out JsonElement warnings))
        {
            foreach (JsonElement warning in warnings.EnumerateArray())
            {
                yield return warning.GetString() ?? string.Empty;
            }
        }
    }

    /// <summary>A JSON object as PowerShell shows objects, its members at every depth.</summary>
    private static PSObject Object(JsonElement element)
    {
        var result = new PSObject();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            // Names that differ in case only would be one property twice. PowerShell would look for that itself, in all that
            // it knows of the type, which takes longer than all the rest here.
            if (names.Add(member.Name))
            {
                result.Properties.Add(new PSNoteProperty(member.Name, JsonValue.Of(member.Value, Object)), preValidated: true);
            }
        }
        return result;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
