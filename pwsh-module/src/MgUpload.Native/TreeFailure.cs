using System;
using System.Text.Json;
using MgUpload.Native.Abi;

namespace MgUpload.Native;

/// <summary>What a tree's row tells of a file that failed.</summary>
public static class TreeFailure
{
    /// <summary>The failure that the details of an error describe.</summary>
    public static MgUploadException Of(JsonElement details)
    {
        string kind = details.TryGetProperty("kind", out JsonElement named) ? named.GetString() ?? string.Empty : string.Empty;
        string message = details.TryGetProperty("message", out JsonElement told) ? told.GetString() ?? string.Empty : string.Empty;
        return Failure.Of(Enum.TryParse(kind, out ErrorKind known) ? known : ErrorKind.Unexpected, message, details);
    }
}
