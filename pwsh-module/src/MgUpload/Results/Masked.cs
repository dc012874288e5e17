using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using MgUpload.Models;

namespace MgUpload.Results;

/// <summary>
/// Values for error records, which are printed, logged and serialized whole: what holds an upload URL or a token becomes a copy that
/// does not.
/// </summary>
internal static class Masked
{
    private static readonly HashSet<string> s_secrets = new(StringComparer.OrdinalIgnoreCase) { "uploadUrl", "authorization", "proxy-authorization", "cookie" };

    /// <summary>Takes the secrets out of what was bound, as the record of an error shows it.</summary>
    internal static void Bound(IDictionary<string, object> parameters)
    {
        foreach ((string name, object value) in parameters.ToArray())
        {
            parameters[name] = Of(value)!;
        }
    }

    internal static object? Of(object? value) => value switch
    {
        PSObject { BaseObject: PSCustomObject } custom => HasSecret(custom) ? Copy(custom) : custom,
        PSObject wrapped => Of(wrapped.BaseObject) is { } plain && ReferenceEquals(plain, wrapped.BaseObject) ? wrapped : Of(wrapped.BaseObject),
        string or Uri => Text(value),
        OpenModel or IDictionary => HasSecret(value) ? Copy(value) : value,
        object[] many => many.Select(Of).ToArray(),
        _ => value,
    };

    private static bool HasSecret(object value) => Entries(value).Any(static entry => s_secrets.Contains(entry.Name));

    private static PSObject Copy(object value)
    {
        var copy = new PSObject();
        foreach (Property entry in Entries(value).DistinctBy(static entry => entry.Name, StringComparer.OrdinalIgnoreCase))
        {
            copy.Properties.Add(new PSNoteProperty(entry.Name, s_secrets.Contains(entry.Name) ? Secret(entry) : entry.Value));
        }
        return copy;
    }

    private static IEnumerable<Property> Entries(object value) => Source.Of(value)?.Entries ?? [];

    private static object Secret(Property entry) => entry.Name.Equals("uploadUrl", StringComparison.OrdinalIgnoreCase) ? Display.Url(entry.Value)! : "…";

    /// <summary>JSON text may be a session too.</summary>
    private static object Text(object value)
    {
        string text = value.ToString() ?? string.Empty;
        if (text.Contains("uploadUrl", StringComparison.OrdinalIgnoreCase))
        {
            return "a session as text";
        }
        string shown = Display.Url(text) ?? string.Empty;
        return shown.EndsWith("/…", StringComparison.Ordinal) ? shown : value;
    }
}
