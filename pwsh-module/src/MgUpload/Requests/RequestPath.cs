using System.Text.Json;
using MgUpload.Native;

namespace MgUpload.Requests;

/// <summary>Where a request goes.</summary>
internal static class RequestPath
{
    internal static string Of(string request)
    {
        using JsonDocument described = JsonDocument.Parse(CreateCall.Describe(request));
        return described.RootElement.GetProperty("path").GetString() ?? string.Empty;
    }
}
