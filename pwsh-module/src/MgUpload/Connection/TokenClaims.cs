using System;
using System.Collections.Generic;
using System.Text.Json;

namespace MgUpload.Connection;

/// <summary>
/// What a token says of itself, for people to read and to renew it in time. Nothing is decided by it: a token is for the service to
/// read, and those of personal accounts cannot be read by anybody else.
/// </summary>
internal sealed record TokenClaims
{
    internal string? Account { get; private init; }

    internal string? TenantId { get; private init; }

    internal string? ClientId { get; private init; }

    internal IReadOnlyList<string> Scopes { get; private init; } = [];

    internal DateTimeOffset? ExpiresOn { get; private init; }

    /// <summary>Null where it is no JSON web token.</summary>
    internal static TokenClaims? Of(ReadOnlySpan<char> token)
    {
        int begin = token.IndexOf('.') + 1;
        int length = begin == 0 ? -1 : token[begin..].IndexOf('.');
        if (length <= 0)
        {
            return null;
        }
        try
        {
            using JsonDocument claims = JsonDocument.Parse(Decoded(token.Slice(begin, length)));
            return claims.RootElement.ValueKind == JsonValueKind.Object ? Read(claims.RootElement) : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    private static byte[] Decoded(ReadOnlySpan<char> part)
    {
        string text = part.ToString().Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
    }

    private static TokenClaims Read(JsonElement claims) => new()
    {
        Account = Text(claims, "upn") ?? Text(claims, "preferred_username") ?? Text(claims, "unique_name"),
        TenantId = Text(claims, "tid"),
        ClientId = Text(claims, "appid") ?? Text(claims, "azp"),
        Scopes = Text(claims, "scp")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? Roles(claims),
        ExpiresOn = claims.TryGetProperty("exp", out JsonElement end) && end.ValueKind == JsonValueKind.Number && end.TryGetInt64(out long seconds)
            && seconds is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
    };

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[] Roles(JsonElement claims)
    {
        if (!claims.TryGetProperty("roles", out JsonElement roles) || roles.ValueKind != JsonValueKind.Array)
        {
            return [];
        }
        var found = new List<string>();
        foreach (JsonElement role in roles.EnumerateArray())
        {
            if (role.ValueKind == JsonValueKind.String)
            {
                found.Add(role.GetString()!);
            }
        }
        return [.. found];
    }
}
