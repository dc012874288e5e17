using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Identity;
using MgUpload.Connection;

namespace MgUpload.SignIn;

/// <summary>A credential of Azure.Identity.</summary>
internal sealed class Credential : ICredential
{
    private readonly SignInRequest _request;
    private readonly TokenCredential _inner;
    private readonly RememberedCache? _cache;

    private Credential(SignInRequest request, RememberedCache? cache)
    {
        _request = request;
        _cache = cache;
        var client = new HttpClient(request.Network) { Timeout = request.Timeout };
        _inner = Credentials.Of(request, client, cache);
    }

    /// <summary>The way in, called by name.</summary>
    internal static ICredential Make(SignInRequest request) => new Credential(request, request.IsRemembered ? RememberedCache.Open(request) : null);

    /// <inheritdoc/>
    public Task<(string Token, DateTimeOffset ExpiresOn, string? Account, string? TenantId)> SignIn(CancellationToken stop) => Failures.Translated(_request, stop, async () =>
    {
        AuthenticationRecord? record = _cache?.Record ?? await Ask(stop).ConfigureAwait(false);
        AccessToken token;
        try
        {
            token = await _inner.GetTokenAsync(Context(null), stop).ConfigureAwait(false);
        }
        catch (AuthenticationRequiredException) when (_cache?.Record is not null)
        {
            // What was remembered has run out, or lacks a permission.
            record = await Ask(stop).ConfigureAwait(false);
            token = await _inner.GetTokenAsync(Context(null), stop).ConfigureAwait(false);
        }
        return (token.Token, token.ExpiresOn, record?.Username, record?.TenantId);
    });

    /// <inheritdoc/>
    public Task<(string Token, DateTimeOffset ExpiresOn)> Get(string? claims, CancellationToken stop) => Failures.Translated(_request, stop, async () =>
    {
        AccessToken token = await _inner.GetTokenAsync(Context(claims), stop).ConfigureAwait(false);
        return (token.Token, token.ExpiresOn);
    });

    /// <inheritdoc/>
    public void Forget(Action<string> warn) => _cache?.Forget(warn);

    /// <summary>Asks the user; null where the way asks nobody.</summary>
    private async Task<AuthenticationRecord?> Ask(CancellationToken stop)
    {
        AuthenticationRecord? record = _inner switch
        {
            InteractiveBrowserCredential browser => await browser.AuthenticateAsync(Context(null), stop).ConfigureAwait(false),
            DeviceCodeCredential device => await device.AuthenticateAsync(Context(null), stop).ConfigureAwait(false),
            _ => null,
        };
        if (record is not null && _cache is not null)
        {
            await _cache.Remember(record, stop).ConfigureAwait(false);
        }
        return record;
    }

    /// <summary>Always with continuous access evaluation, so that a challenge can be answered.</summary>
    private TokenRequestContext Context(string? claims) => new(_request.Scopes, claims: claims, isCaeEnabled: true);
}
