using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Requests;

/// <summary>The request for a session, in the JSON that the core takes.</summary>
internal static class RequestJson
{
    /// <param name="route">The key of the core's route table.</param>
    /// <param name="ids">The ids of the path.</param>
    /// <param name="headers">Further headers, as the user gave them.</param>
    /// <param name="body">The body, which is sent as it is written here.</param>
    internal static string Of(string route, IEnumerable<IdValue> ids, IDictionary? headers, string body)
    {
        string pairs = string.Join(',', HeadersOf(headers));
        string values = string.Join(',', ids.Select(static id => $"{Quote(id.Name)}:{Quote(id.Value ?? string.Empty)}"));
        return $"{{\"route\":{Quote(route)},\"ids\":{{{values}}},\"headers\":[{pairs}],\"body\":{body}}}";
    }

    /// <summary>Pairs of name and value. A header that was given a list goes out as one line, its values behind commas.</summary>
    private static IEnumerable<string> HeadersOf(IDictionary? headers)
    {
        if (headers is null)
        {
            yield break;
        }
        foreach (DictionaryEntry entry in headers)
        {
            string name = Text(entry.Key);
            object? value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            if (value is IDictionary)
            {
                throw new MgUploadException(ErrorKind.InvalidInput, $"The header {name} has an object as its value.") { Advice = "Give texts as the values of -Headers." };
            }
            string text = value is IEnumerable many and not string ? string.Join(", ", many.Cast<object?>().Where(static item => item is not null).Select(static item => Text(item!))) : Text(value ?? string.Empty);
            yield return $"[{Quote(name)},{Quote(text)}]";
        }
    }

    private static string Text(object value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Quote(string text)
    {
        var quoted = new StringBuilder();
        JsonScalar.AppendText(quoted, text);
        return quoted.ToString();
    }
}
