using System;
using System.Collections.Generic;
using System.Linq;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Requests;

/// <summary>
/// What came through the pipeline: an identity or a body. Microsoft's cmdlets take a hashtable for headers, whatever
/// is in it; here it is what its keys say.
/// </summary>
internal static class PipedInput
{
    /// <summary>Whether the input names ids.</summary>
    /// <param name="input">What came.</param>
    /// <param name="ids">The ids of the cmdlet's path.</param>
    /// <param name="memberKeys">The keys of the body's known members.</param>
    /// <param name="hasIds">Whether the ids came by parameters.</param>
    /// <exception cref="MgUploadException">It is neither an identity nor a body.</exception>
    internal static bool IsIdentity(object input, IEnumerable<string> ids, IReadOnlyCollection<string> memberKeys, bool hasIds)
    {
        if (input is Identity or OpenModel)
        {
            return input is Identity;
        }
        string[] keys = Source.Of(input) is { } source ? [.. source.Entries.Select(static entry => entry.Name)] : [];
        bool namesIds = keys.Any(key => ids.Contains(key, StringComparer.OrdinalIgnoreCase));
        bool namesMembers = keys.Any(key => memberKeys.Contains(key, StringComparer.OrdinalIgnoreCase) || key.StartsWith('@'));
        if (namesIds && !namesMembers && !hasIds)
        {
            return true;
        }
        if (!namesIds && (namesMembers || (keys.Length == 0 && hasIds)))
        {
            return false;
        }
        string found = keys.Length == 0 ? "no keys" : string.Join(", ", keys);
        throw new MgUploadException(ErrorKind.InvalidInput, $"The input from the pipeline ({found}) fits neither the path nor the body.")
        {
            Advice = $"Pipe an identity ({string.Join(", ", ids)}) or a body ({memberKeys.First()}); pass headers with -Headers.",
        };
    }
}
