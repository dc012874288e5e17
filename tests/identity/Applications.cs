using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>The applications that the tenant knows.</summary>
public static class Applications
{
    public const string Public = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
    public const string Confidential = "22222222-2222-4222-8222-222222222222";
    public const string Secret = "s3cret~of.the-application";

    public static async Task Register(IServiceProvider services)
    {
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        var manager = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        await manager.CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = Public,
            ClientType = ClientTypes.Public,
            ApplicationType = ApplicationTypes.Native,
            RedirectUris = { new Uri("http://localhost") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.DeviceAuthorization,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.GrantTypes.DeviceCode, Permissions.ResponseTypes.Code,
            },
        });
        var key = new X509SecurityKey(services.GetRequiredService<TestAuthority>().Application);
        await manager.CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = Confidential,
            ClientSecret = Secret,
            ClientType = ClientTypes.Confidential,
            JsonWebKeySet = new JsonWebKeySet { Keys = { JsonWebKeyConverter.ConvertFromX509SecurityKey(key, representAsRsaKey: true) } },
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials },
        });
    }
}
