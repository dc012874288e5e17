using System.IO;
using System.Text.Json;
using MgUpload.Native.Tests;

namespace MgUpload.Conformance.Tests;

/// <summary>The shared cases below tests/vectors.</summary>
internal static class Vectors
{
    internal static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "vectors", name))).RootElement;
}
