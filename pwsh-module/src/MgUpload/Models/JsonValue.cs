using System;
using System.Collections.Generic;
using System.Text.Json;

namespace MgUpload.Models;

/// <summary>JSON as plain values, of the types that Microsoft's modules give them.</summary>
internal static class JsonValue
{
    internal static object? Of(JsonElement element) => Of(element, OfObject);

    /// <param name="element">What is read.</param>
    /// <param name="ofObject">Makes the values of objects, whatever arrays they are in.</param>
    internal static object? Of(JsonElement element, Func<JsonElement, object> ofObject) => element.ValueKind switch
    {
        JsonValueKind.Object => ofObject(element),
        JsonValueKind.Array => OfArray(element, ofObject),
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

    private static object?[] OfArray(JsonElement element, Func<JsonElement, object> ofObject)
    {
        var items = new List<object?>(element.GetArrayLength());
        foreach (JsonElement item in element.EnumerateArray())
        {
            items.Add(Of(item, ofObject));
        }
        return items.ToArray();
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
