using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text.Json;

namespace MgUpload.Models;

/// <summary>Anything with named values: a hashtable, an object of whatever module, JSON text.</summary>
internal sealed class Source
{
    private Source(IEnumerable<Property> entries) => Entries = entries;

    internal IEnumerable<Property> Entries { get; }

    /// <summary>The named values of something, or null when it has none.</summary>
    internal static Source? Of(object? value) => value switch
    {
        null => null,
        PSObject { BaseObject: PSCustomObject } custom => new(Properties(custom)),
        PSObject wrapped => Of(wrapped.BaseObject),
        OpenModel model => new(OfModel(model)),
        Identity identity => new(identity.Set()),
        IDictionary dictionary => new(OfDictionary(dictionary)),
        string text => OfJson(text),
        _ when IsForeignModel(value.GetType()) => new(Properties(PSObject.AsPSObject(value))),
        _ => null,
    };

    /// <summary>Microsoft's modules have classes of the same names in assemblies of their own.</summary>
    private static bool IsForeignModel(Type type) =>
        type.Namespace is { } space && space.StartsWith("Microsoft.Graph.", StringComparison.Ordinal) && space.EndsWith(".Models", StringComparison.Ordinal);

    private static IEnumerable<Property> OfDictionary(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return new(entry.Key.ToString() ?? string.Empty, entry.Value);
        }
    }

    private static IEnumerable<Property> OfModel(OpenModel model)
    {
        foreach ((string name, object? value) in model.AdditionalProperties)
        {
            yield return new(name, value);
        }
        foreach (Property member in model.KnownMembers())
        {
            yield return member;
        }
    }

    private static IEnumerable<Property> Properties(PSObject value)
    {
        foreach (PSPropertyInfo property in value.Properties)
        {
            if (property.IsGettable)
            {
                yield return new(property.Name, property.Value);
            }
        }
    }

    private static Source? OfJson(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal))
        {
            return null;
        }
        using JsonDocument document = JsonDocument.Parse(text);
        var members = new List<Property>();
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            members.Add(new(member.Name, JsonValue.Of(member.Value)));
        }
        return new(members);
    }
}
