using System;
using System.IO;
using System.Text.Json;

namespace MgUpload.Conformance.Tests;

/// <summary>The shared cases below tests/vectors.</summary>
internal static class Vectors
{
    internal static readonly string Root = FindRoot();

    internal static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "tests", "vectors", name))).RootElement;

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cargo.toml")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new DirectoryNotFoundException("the root of the repository");
    }
}
