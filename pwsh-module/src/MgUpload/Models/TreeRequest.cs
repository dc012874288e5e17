using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MgUpload.Native;

namespace MgUpload.Models;

/// <summary>Parts of the request for a tree, in the JSON that the core takes.</summary>
internal static partial class TreeRequest
{
    /// <summary>The sources, and whether patterns are for them too. A destination that names the file itself is that of a single one.</summary>
    internal static JsonArray Sources(IEnumerable<(string Path, bool IsFound)> sources, bool contents, string? name) =>
        new([.. sources.Select(one =>
        {
            var source = new JsonObject { ["path"] = one.Path, ["contents"] = contents, ["found"] = one.IsFound };
            if (name is not null)
            {
                source["name"] = name;
            }
            return source;
        })]);

    /// <summary>
    /// Parts a destination into folder and file name: by its own look, whatever is there. It names the file where it ends with
    /// the very extension of the only file that was named; else, and with a slash at its end, it names a folder.
    /// </summary>
    internal static (string? Folder, string? Name) Split(string? destination, string? onlyFile)
    {
        if (destination is null || onlyFile is null)
        {
            return (destination, null);
        }
        int slash = destination.LastIndexOfAny(['/', '\\']);
        string last = destination[(slash + 1)..];
        string extension = Path.GetExtension(onlyFile);
        bool isName = extension.Length > 1 && last.Length > extension.Length && last.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
        return isName ? (slash > 0 ? destination[..slash] : null, last) : (destination, null);
    }

    /// <summary>Which part of a tree is meant, as <c>k/n</c> with k from 0 on.</summary>
    internal static JsonObject? Shard(string? text)
    {
        if (text is null)
        {
            return null;
        }
        Match parts = ShardForm().Match(text);
        if (!parts.Success
            || !uint.TryParse(parts.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint index)
            || !uint.TryParse(parts.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint count)
            || index >= count)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"'{text}' is no part of a whole; nothing was sent.") { Advice = "Say which part of how many, counted from 0: -Shard 0/4 to -Shard 3/4." };
        }
        return new JsonObject { ["index"] = index, ["count"] = count };
    }

    /// <summary>Other characters for those that the destination refuses: a known map's name, or a map of single characters.</summary>
    internal static JsonNode? NameMap(object? map) => map switch
    {
        null => null,
        IDictionary own when own.Keys.Cast<object>().All(static key => Words(key).EnumerateRunes().Count() == 1) => new JsonObject(own.Cast<DictionaryEntry>().Select(static entry =>
            KeyValuePair.Create(Words(entry.Key), (JsonNode?)Words(entry.Value)))),
        not IDictionary when Words(map).Equals("fullwidth", StringComparison.OrdinalIgnoreCase) => "fullwidth",
        _ => throw new MgUploadException(ErrorKind.InvalidInput, "-NameMap is no map of characters; nothing was sent.") { Advice = "Give Fullwidth, or a hashtable of single characters and what stands in their place: @{ ':' = '-' }." },
    };

    private static string Words(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;

    [GeneratedRegex(@"\A\s*([0-9]+)\s*/\s*([0-9]+)\s*\z")]
    private static partial Regex ShardForm();
}
