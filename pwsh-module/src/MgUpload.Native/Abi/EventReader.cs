using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace MgUpload.Native.Abi;

/// <summary>Reads what <c>mgu_operation_events</c> tells.</summary>
internal static class EventReader
{
    public static IReadOnlyList<OperationEvent> Read(string json)
    {
        if (json.Length == 0)
        {
            return [];
        }
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(Read).OfType<OperationEvent>()];
    }

    /// <summary>Null for an event that a later library tells and this binding does not know.</summary>
    private static OperationEvent? Read(JsonElement told) => Text(told, "event") switch
    {
        "pause" => new PauseEvent(Enum.TryParse(Text(told, "reason"), out PauseReason reason) ? reason : PauseReason.Unclear, Number(told, "status"), Millis(told, "waitMillis")),
        "request" => new RequestEvent
        {
            Method = Text(told, "method") ?? string.Empty,
            Target = Text(told, "target") ?? string.Empty,
            Range = Text(told, "range"),
            Status = Number(told, "status"),
            Why = Text(told, "why"),
            RequestId = Text(told, "requestId"),
            ClientRequestId = Text(told, "clientRequestId"),
            Time = Millis(told, "millis"),
            Body = Text(told, "body"),
            Answer = Text(told, "answer"),
        },
        "shortOfSpace" => new ShortOfSpaceEvent(Bytes(told, "bytes"), Bytes(told, "free")),
        "dropped" => new DroppedEvent(Number(told, "count") ?? 0),
        _ => null,
    };

    private static string? Text(JsonElement told, string name) => told.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static int? Number(JsonElement told, string name) => told.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;

    private static ulong Count(JsonElement told, string name) => told.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong count) ? count : 0;

    private static long Bytes(JsonElement told, string name) => (long)Math.Min(Count(told, name), long.MaxValue);

    private static TimeSpan Millis(JsonElement told, string name) => Milliseconds(Count(told, name));

    /// <summary>A time in the milliseconds of the C ABI, which counts further than .NET does.</summary>
    internal static TimeSpan Milliseconds(ulong millis) =>
        millis < (ulong)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond) ? TimeSpan.FromTicks((long)millis * TimeSpan.TicksPerMillisecond) : TimeSpan.MaxValue;
}
