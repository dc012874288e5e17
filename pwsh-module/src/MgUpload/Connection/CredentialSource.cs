using System;
using System.Text;

namespace MgUpload.Connection;

/// <summary>A sign-in of our own. Its tokens renew themselves; nobody is asked again for that.</summary>
internal sealed class CredentialSource(ICredential credential) : ITokenSource
{
    /// <summary>Where a token is refused without a word: what every token of ours has, so that it only means "a fresh one".</summary>
    private const string Fresh = """{"access_token":{"xms_cc":{"values":["CP1"]}}}""";

    private GraphToken? _first;

    /// <inheritdoc/>
    public bool IsKept => true;

    /// <summary>Signs in; the account and the tenant, where they are told.</summary>
    internal (string? Account, string? TenantId, TokenClaims? Claims) SignIn(Asker asker, Waiting waiting)
    {
        (string token, DateTimeOffset expiresOn, string? account, string? tenantId) = waiting.For(credential.SignIn, asker.Stop);
        _first = GraphToken.Of(token, expiresOn);
        return (account, tenantId, TokenClaims.Of(token));
    }

    /// <inheritdoc/>
    public GraphToken Get(Asker asker, Refusal? refusal)
    {
        if (refusal is null && _first is { IsEnding: false } first)
        {
            _first = null;
            return first;
        }
        string? claims = refusal is null ? null : Decoded(refusal.Claims) ?? Fresh;
        (string token, DateTimeOffset expiresOn) = new Waiting().For(stop => credential.Get(claims, stop), asker.Stop);
        return GraphToken.Of(token, expiresOn);
    }

    /// <inheritdoc/>
    public void Forget(Action<string> warn) => credential.Forget(warn);

    /// <inheritdoc/>
    public void Dispose() => _first?.Dispose();

    /// <summary>Graph sends its claims in base64.</summary>
    private static string? Decoded(string? claims)
    {
        if (string.IsNullOrEmpty(claims))
        {
            return null;
        }
        Span<byte> bytes = new byte[claims.Length];
        return Convert.TryFromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '='), bytes, out int length) ? Encoding.UTF8.GetString(bytes[..length]) : claims;
    }
}
