using System;
using System.Collections.Generic;
using System.Globalization;

namespace MgUpload.Models;

/// <summary>Ids by name. Ids that a type has no property for are kept: other editions name them.</summary>
public abstract class Identity : IIdentity
{
    private readonly SortedDictionary<string, string> _ids = new(StringComparer.OrdinalIgnoreCase);

    private protected Identity()
    {
    }

    /// <summary>The ids that are set, as JSON.</summary>
    public string ToJsonString() => JsonText.Of(Set());

    /// <summary>An id by its name, whatever its case; null when it is not set.</summary>
    internal string? Find(string name) => Get(name);

    /// <summary>Every id that is set.</summary>
    internal IEnumerable<Property> Set()
    {
        foreach ((string name, string value) in _ids)
        {
            yield return new(name, value);
        }
    }

    /// <summary>Takes over what has the form of an id; anything else an object may carry is no id.</summary>
    internal void Fill(Source source)
    {
        foreach ((string name, object? value) in source.Entries)
        {
            if (value is not null && MemberValue.IsPlain(value))
            {
                Set(name, Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }
    }

    private protected string? Get(string name) => _ids.GetValueOrDefault(name);

    private protected bool? GetTruth(string name) => bool.TryParse(Get(name), out bool truth) ? truth : null;

    private protected void Set(string name, bool? value) => Set(name, value?.ToString());

    private protected void Set(string name, string? value)
    {
        if (value is null)
        {
            _ids.Remove(name);
        }
        else
        {
            _ids[name] = value;
        }
    }
}
