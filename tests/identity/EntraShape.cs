using Microsoft.AspNetCore;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Identity;

/// <summary>OpenIddict with Entra's addresses, and what MSAL expects of them.</summary>
public static class EntraShape
{
    public static void Add(IServiceCollection services) => services.AddOpenIddict()
        .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
        .AddServer(server =>
        {
            server.SetTokenEndpointUris("oauth2/v2.0/token")
                .SetAuthorizationEndpointUris("oauth2/v2.0/authorize")
                .SetDeviceAuthorizationEndpointUris("oauth2/v2.0/devicecode")
                .SetEndUserVerificationEndpointUris("oauth2/v2.0/deviceauth")
                .SetConfigurationEndpointUris("v2.0/.well-known/openid-configuration")
                .SetJsonWebKeySetEndpointUris("discovery/v2.0/keys");
            server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowDeviceAuthorizationFlow().AllowClientCredentialsFlow();
            server.DisableScopeValidation().IgnoreScopePermissions().DisableAccessTokenEncryption().DisableRollingRefreshTokens();
            server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
            server.UseAspNetCore().DisableTransportSecurityRequirement();
            server.AddEventHandler<ExtractTokenRequestContext>(handler => handler.UseInlineHandler(Extracted).SetOrder(int.MaxValue - 1000));
            server.AddEventHandler<ValidateTokenContext>(handler => handler.UseInlineHandler(AssertionRules)
                .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 1));
            server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseScopedHandler<TokenHandler>());
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseScopedHandler<RefusalHandler>().SetOrder(int.MinValue + 100));
            server.AddEventHandler<ProcessSignInContext>(handler => handler.UseScopedHandler<SignInHandler>().SetOrder(int.MinValue + 100));
            server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseScopedHandler<EntraErrors>().SetOrder(int.MinValue + 100));
            server.AddEventHandler<ApplyDeviceAuthorizationResponseContext>(handler => handler.UseScopedHandler<DeviceHandler>().SetOrder(int.MinValue + 100));
            server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseScopedHandler<BrowserHandler>());
            server.AddEventHandler<HandleEndUserVerificationRequestContext>(handler => handler.UseScopedHandler<VerificationHandler>());
        });

    /// <summary>MSAL's own name of the grant, and its scope where OAuth has none.</summary>
    private static ValueTask Extracted(ExtractTokenRequestContext context)
    {
        if (context.Request is { } request)
        {
            request.GrantType = request.GrantType == "device_code" ? GrantTypes.DeviceCode : request.GrantType;
            if (request.GrantType is GrantTypes.DeviceCode or GrantTypes.AuthorizationCode or GrantTypes.RefreshToken)
            {
                request.Scope = null;
            }
        }
        return default;
    }

    /// <summary>A client's assertion as MSAL makes it: type JWT, for the token end point.</summary>
    private static ValueTask AssertionRules(ValidateTokenContext context)
    {
        if (context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
        {
            context.TokenValidationParameters.TypeValidator = static (type, _, _) => type is null or "JWT" ? "client-authentication+jwt" : type;
            context.ValidAudiences.Add(context.RequestUri!.AbsoluteUri);
        }
        return default;
    }

    /// <summary>The user of the tests.</summary>
    internal static ClaimsPrincipal User(ImmutableArray<string> scopes)
    {
        var identity = new ClaimsIdentity("tests", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, "user").SetClaim(Claims.Name, "The Admin").SetClaim(Claims.PreferredUsername, LoginPage.Account)
            .SetClaim("oid", "33333333-3333-4333-8333-333333333333").SetClaim("tid", Tenants.Contoso);
        identity.SetScopes(scopes.IsDefaultOrEmpty ? [Scopes.OpenId, Scopes.OfflineAccess, Scopes.Profile] : scopes);
        return new ClaimsPrincipal(identity);
    }
}

/// <summary>What a test wants to be refused.</summary>
public sealed class RefusalHandler(Control control) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        OpenIddictRequest request = context.Request;
        foreach (string? secret in new[] { request.ClientSecret, request.ClientAssertion, request.RefreshToken, request.Code, request.DeviceCode })
        {
            if (secret is not null)
            {
                control.Secrets.Add(secret);
            }
        }
        if (request.GrantType != GrantTypes.DeviceCode)
        {
            control.Asked.Enqueue(new() { ["grant"] = request.GrantType, ["client_id"] = request.ClientId, ["claims"] = (string?)request["claims"], ["assertion"] = request.ClientAssertion });
        }
        if (control.Refuses.Length > 0)
        {
            string[] parts = control.Refuses.Split('|', 2);
            context.Reject(parts[0], parts[1]);
        }
        else if (request.GrantType == GrantTypes.DeviceCode && control.Person == "decline")
        {
            context.Reject(Errors.AccessDenied);
        }
        else if (request.GrantType == GrantTypes.RefreshToken && !control.Refreshes)
        {
            context.Reject(Errors.InvalidGrant, "AADSTS700082: The refresh token has expired due to inactivity.");
        }
        return default;
    }
}

/// <summary>Tokens for an application; those for users have been made ready by their way.</summary>
public sealed class TokenHandler : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.Request.IsClientCredentialsGrantType())
        {
            var identity = new ClaimsIdentity("tests", Claims.Name, Claims.Role);
            identity.SetClaim(Claims.Subject, context.Request.ClientId).SetClaim("tid", Tenants.Contoso).SetClaims("roles", ["Files.ReadWrite.All", "Sites.Selected"]);
            context.Principal = new ClaimsPrincipal(identity);
        }
        return default;
    }
}

/// <summary>What every token says, and how long it lives.</summary>
public sealed class SignInHandler(Control control) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        ClaimsPrincipal principal = context.Principal!;
        principal.SetAccessTokenLifetime(TimeSpan.FromSeconds(control.Lifetime));
        principal.SetDeviceCodeLifetime(TimeSpan.FromSeconds(control.DeviceLifetime)).SetUserCodeLifetime(TimeSpan.FromSeconds(control.DeviceLifetime));
        principal.SetClaim("appid", context.Request.ClientId);
        if (principal.HasClaim(Claims.PreferredUsername))
        {
            principal.SetClaim("scp", "Files.ReadWrite User.Read");
        }
        principal.SetDestinations(static _ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return default;
    }
}

/// <summary>Errors in Entra's words, with the ids that its support asks for.</summary>
public sealed class EntraErrors(Control control) : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        OpenIddictResponse response = context.Response;
        foreach (string? secret in new[] { response.AccessToken, response.RefreshToken, response.IdToken })
        {
            if (secret is not null)
            {
                control.Secrets.Add(secret);
            }
        }
        if (response.Error is null)
        {
            return default;
        }
        HttpRequest? http = context.Transaction.GetHttpRequest();
        string trace = Guid.NewGuid().ToString(), correlation = http?.Headers["client-request-id"].ToString() is { Length: > 0 } sent ? sent : Guid.NewGuid().ToString();
        (string error, string description) = InEntrasWords(response, context.Request);
        response.Error = error;
        response.ErrorDescription = $"{description} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ssZ", CultureInfo.InvariantCulture)}";
        response.ErrorUri = null;
        response["trace_id"] = trace;
        response["correlation_id"] = correlation;
        return default;
    }

    private static (string Error, string Description) InEntrasWords(OpenIddictResponse response, OpenIddictRequest? request) => response.Error switch
    {
        _ when response.ErrorDescription?.StartsWith("AADSTS", StringComparison.Ordinal) is true => (response.Error!, response.ErrorDescription),
        Errors.AuthorizationPending => (response.Error, "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
        Errors.AccessDenied => ("authorization_declined", "AADSTS50199: The user has declined the sign-in."),
        Errors.ExpiredToken => ("expired_token", "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired."),
        Errors.InvalidClient when request?.ClientId is not (Applications.Public or Applications.Confidential) => ("unauthorized_client", $"AADSTS700016: Application with identifier '{request?.ClientId}' was not found in the directory 'Contoso'."),
        Errors.InvalidClient when request?.ClientAssertion is not null => (response.Error, "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application."),
        Errors.InvalidClient => (response.Error, $"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{request?.ClientId}'. It was {request?.ClientSecret}."),
        _ => (response.Error!, $"AADSTS900144: {response.ErrorDescription}"),
    };
}
