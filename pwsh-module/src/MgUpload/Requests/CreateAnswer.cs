using System.Collections.Generic;
using System.Text.Json;
using MgUpload.Models;

namespace MgUpload.Requests;

/// <summary>The answer to a request for a session, as the core hands it over.</summary>
internal sealed class CreateAnswer
{
    private readonly string _body;

    internal CreateAnswer(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        var headers = new List<KeyValuePair<string, string>>();
        foreach (JsonElement pair in root.GetProperty("headers").EnumerateArray())
        {
            headers.Add(new(pair[0].GetString() ?? string.Empty, pair[1].GetString() ?? string.Empty));
        }
        Headers = headers;
        Family = root.GetProperty("family").GetString()!;
        Origin = root.GetProperty("origin").GetRawText();
        // A byte order mark is no JSON, and services have sent one.
        _body = (root.GetProperty("body").GetString() ?? string.Empty).TrimStart('\uFEFF');
    }

    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The back end, as the library names it.</summary>
    internal string Family { get; }

    /// <summary>The request as the core has understood it: what makes the very session again.</summary>
    internal string Origin { get; }

    internal Source Members() => Source.Of(_body)!;
}
