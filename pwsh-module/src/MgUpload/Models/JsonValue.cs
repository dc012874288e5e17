using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace MgUpload.Models;

/// <summary>JSON as plain values, of the types that Microsoft's modules give them.</summary>
internal static class JsonValue
{
    internal static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => OfObject(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => OfNumber(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static Dictionary<string, object?> OfObject(JsonElement element)
    {
        var members = new Dictionary<string, object?>();
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (Of(member.Value) is { } value)
            {
                members.Add(member.Name, value);
            }
        }
        return members;
    }

    private static object OfNumber(JsonElement element)
    {
        if (element.TryGetInt32(out int small))
        {
            return small;
        }
        if (element.TryGetInt64(out long large))
        {
            return large;
        }
        // Microsoft's modules give every fraction as Single; one that Single cannot hold stays whole here.
        double number = element.GetDouble();
        float single = (float)number;
        return single == number ? (object)single : number;
    }
}
