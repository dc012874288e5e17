using System.Text.Json;

namespace MgUpload.Models;

/// <summary>Where a session's bytes go, in words.</summary>
/// <param name="Name">The name that the file gets; null where that is not known.</param>
/// <param name="Path">The path of what made the session, or the host of the upload URL.</param>
internal sealed record Destination(string? Name, string Path)
{
    /// <param name="described">What the core says of a create request.</param>
    internal static Destination Of(string described)
    {
        using JsonDocument document = JsonDocument.Parse(described);
        return new(document.RootElement.GetProperty("name").GetString(), document.RootElement.GetProperty("destination").GetString() ?? string.Empty);
    }

    public override string ToString() => Path;
}
