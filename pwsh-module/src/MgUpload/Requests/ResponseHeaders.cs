using System;
using System.Collections.Generic;
using System.Linq;

namespace MgUpload.Requests;

/// <summary>The headers of an answer, in the type that Microsoft's modules give them.</summary>
internal static class ResponseHeaders
{
    internal static Dictionary<string, IEnumerable<string>> Of(IEnumerable<KeyValuePair<string, string>> headers) => headers
        .GroupBy(static header => header.Key, static header => header.Value, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(static group => group.Key, static IEnumerable<string> (group) => group.ToArray(), StringComparer.OrdinalIgnoreCase);
}
