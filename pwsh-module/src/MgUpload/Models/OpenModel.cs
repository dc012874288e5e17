using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace MgUpload.Models;

/// <summary>
/// What all models have in common: known members by index, other members by name, conversion from what people
/// write in PowerShell, and one JSON form.
/// </summary>
public abstract class OpenModel : IOpenModel
{
    /// <summary>The key under which people put other members inside a hashtable.</summary>
    internal const string OtherMembers = nameof(AdditionalProperties);

    private readonly object?[] _values;

    private protected OpenModel() => _values = new object?[Shape.Count];

    /// <summary>Members that have no property of their own.</summary>
    public Dictionary<string, object?> AdditionalProperties { get; } = [];

    private protected abstract ModelShape Shape { get; }

    /// <summary>A member without a property of its own.</summary>
    /// <remarks>Named as in Microsoft's modules: an indexer called Item would hide the property of that name.</remarks>
    [IndexerName("EntityItem")]
    public object? this[string key]
    {
        get => AdditionalProperties[key];
        set => AdditionalProperties[key] = value;
    }

    /// <summary>Whether there is such a member among <see cref="AdditionalProperties"/>.</summary>
    public bool ContainsKey(string key) => AdditionalProperties.ContainsKey(key);

    /// <summary>Adds a member to <see cref="AdditionalProperties"/>.</summary>
    public void Add(string key, object? value) => AdditionalProperties.Add(key, value);

    /// <summary>Removes a member from <see cref="AdditionalProperties"/>.</summary>
    public bool Remove(string key) => AdditionalProperties.Remove(key);

    /// <summary>Looks for a member among <see cref="AdditionalProperties"/>.</summary>
    public bool TryGetValue(string key, out object? value) => AdditionalProperties.TryGetValue(key, out value);

    /// <summary>Empties <see cref="AdditionalProperties"/>.</summary>
    public void Clear() => AdditionalProperties.Clear();

    /// <summary>Takes over every entry, known ones into their properties.</summary>
    public void CopyFrom(IDictionary source) => Fill(Source.Of(source)!);

    /// <summary>Takes over every property, known ones into their properties.</summary>
    public void CopyFrom(PSObject source) => Fill(Source.Of(source) ?? throw new ArgumentException("the object has no properties", nameof(source)));

    /// <summary>The object as it goes over the wire.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>Of a session: the back end behind it. Not shown, since Microsoft's objects do not have it.</summary>
    internal string? Family { get; set; }

    /// <summary>Of a session: the request that made it, as the core takes it.</summary>
    internal string? Origin { get; set; }

    /// <summary>Of a session: the connection that made it.</summary>
    internal GraphConnection? Connection { get; set; }

    /// <summary>True when there is nothing to send.</summary>
    internal bool IsEmpty =>
        AdditionalProperties.Values.All(static value => value is null) && _values.All(static value => value is null or OpenModel { IsEmpty: true });

    /// <summary>The known members that are set, in the order of the wire.</summary>
    internal IEnumerable<Property> KnownMembers()
    {
        for (int index = 0; index < _values.Length; index++)
        {
            if (_values[index] is { } value and not OpenModel { IsEmpty: true })
            {
                yield return new(Shape[index].Json, value is DateTime time ? JsonScalar.OfKnownTime(time) : value);
            }
        }
    }

    /// <summary>The names of the known members.</summary>
    internal IEnumerable<string> Keys()
    {
        for (int index = 0; index < Shape.Count; index++)
        {
            yield return Shape[index].Name;
        }
    }

    /// <summary>Sets a member from what a person wrote; an error names the key.</summary>
    internal void Put(string key, object? value, bool lenient = false)
    {
        int index = Shape.IndexOf(key);
        if (index < 0)
        {
            if (!lenient)
            {
                Annotation.Check(key);
            }
            AdditionalProperties.Add(key, value);
            return;
        }
        if (_values[index] is not null)
        {
            throw new ArgumentException($"An item with the same key has already been added. Key: {Shape[index].Json}");
        }
        _values[index] = MemberValue.Convert(Shape[index], value, lenient);
    }

    /// <summary>Takes over every entry of a dictionary or every property of an object.</summary>
    internal void Fill(Source source, bool lenient = false)
    {
        foreach ((string key, object? value) in source.Entries)
        {
            if (!lenient && key.Equals(OtherMembers, StringComparison.OrdinalIgnoreCase) && Source.Of(value) is { } more)
            {
                Fill(more, lenient);
            }
            else if (value is not null)
            {
                Put(key, value, lenient);
            }
        }
    }

    private protected T? Get<T>(int index) => (T?)_values[index];

    private protected void Set(int index, object? value) => _values[index] = value;
}
