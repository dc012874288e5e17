using System.Text.Json;

namespace MgUpload.Requests;

/// <summary>Where a request goes.</summary>
internal static class RequestPath
{
    /// <param name="described">What the core would send.</param>
    internal static string Of(string described)
    {
        using JsonDocument document = JsonDocument.Parse(described);
        return document.RootElement.GetProperty("path").GetString() ?? string.Empty;
    }
}
