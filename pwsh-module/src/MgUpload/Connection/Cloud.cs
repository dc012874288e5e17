using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace MgUpload.Connection;

/// <summary>A cloud: where one signs in to it, and its Graph.</summary>
internal sealed record Cloud(string Name, Uri Login, Uri Graph)
{
    /// <summary>The clouds that the core knows too: one file for both.</summary>
    internal static IReadOnlyList<Cloud> BuiltIn { get; } = Read();

    internal static Cloud Global => BuiltIn[0];

    /// <summary>The built-in one of that name; null where there is none.</summary>
    internal static Cloud? Named(string name) => BuiltIn.FirstOrDefault(cloud => cloud.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static List<Cloud> Read()
    {
        using Stream file = typeof(Cloud).Assembly.GetManifestResourceStream("clouds.json")!;
        using JsonDocument table = JsonDocument.Parse(file);
        return table.RootElement.EnumerateArray().Select(static row => new Cloud(Text(row, "name"), new Uri(Text(row, "login")), new Uri(Text(row, "graph")))).ToList();
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
