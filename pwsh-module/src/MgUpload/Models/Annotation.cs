using System;

namespace MgUpload.Models;

/// <summary>The one annotation that people write in bodies, and often without its name's first half: the service then ignores it, and replaces the file.</summary>
internal static class Annotation
{
    internal const string ConflictBehavior = "@microsoft.graph.conflictBehavior";

    /// <summary>Refuses what only looks like it.</summary>
    internal static void Check(string key)
    {
        string last = key[(key.LastIndexOf('.') + 1)..].TrimStart('@');
        if (last.Equals("conflictBehavior", StringComparison.OrdinalIgnoreCase) && key != ConflictBehavior)
        {
            throw new ArgumentException($"{key}: write '{ConflictBehavior}', in quotation marks; the service ignores other names and replaces the file");
        }
    }
}
