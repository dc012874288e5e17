using System;
using System.Security;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>A token that the user has handed over: there is no other one.</summary>
internal sealed class GivenToken : ITokenSource
{
    private readonly GraphToken _token;

    internal GivenToken(SecureString token)
    {
        TokenClaims? claims = null;
        SecureText.Read(token, text => claims = TokenClaims.Of(text));
        _token = new GraphToken(token, claims?.ExpiresOn);
        Who = new SignedIn
        {
            By = "Connect-MgUpload",
            AuthType = "UserProvidedAccessToken",
            Account = claims?.Account,
            TenantId = claims?.TenantId,
            ClientId = claims?.ClientId,
            Scopes = claims?.Scopes ?? [],
        };
    }

    /// <summary>What it says of its owner.</summary>
    internal SignedIn Who { get; }

    /// <inheritdoc/>
    public bool IsKept => true;

    /// <inheritdoc/>
    public GraphToken Get(Asker asker, Refusal? refusal) => refusal is null ? _token
        : throw new NoOtherTokenException();

    /// <inheritdoc/>
    public void Dispose() => _token.Dispose();
}
