using System;
using System.Security;

namespace MgUpload.Connection;

/// <summary>An access token, and when it ends; null where that is not known.</summary>
internal sealed class GraphToken(SecureString text, DateTimeOffset? expiresOn) : IDisposable
{
    /// <summary>Renewed when less than this is left, as MSAL does.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(5);

    internal SecureString Text { get; } = text;

    internal DateTimeOffset? ExpiresOn { get; } = expiresOn;

    /// <summary>Whether it is time for another one.</summary>
    internal bool IsEnding => ExpiresOn is { } end && DateTimeOffset.UtcNow > end - s_ahead;

    /// <summary>How long it still lives; null where that is not known.</summary>
    internal TimeSpan? Lives => ExpiresOn - DateTimeOffset.UtcNow;

    /// <summary>A copy of characters that the caller has, with the end that they tell themselves where none is named.</summary>
    internal static GraphToken Of(string characters, DateTimeOffset? expiresOn = null)
    {
        var text = new SecureString();
        foreach (char character in characters)
        {
            text.AppendChar(character);
        }
        text.MakeReadOnly();
        return new GraphToken(text, expiresOn ?? TokenClaims.Of(characters)?.ExpiresOn);
    }

    /// <inheritdoc/>
    public void Dispose() => Text.Dispose();
}
