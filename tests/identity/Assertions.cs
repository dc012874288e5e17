using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Identity;

/// <summary>What a foreign issuer would sign for a job. Here it is the application's own key: what counts is how it is carried.</summary>
public static class Assertions
{
    public static string Sign(TestAuthority authority, HttpContext context)
    {
        var handler = new JsonWebTokenHandler();
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Applications.Confidential,
            Audience = $"https://localhost:{context.Request.Host.Port}/{Tenants.Contoso}/oauth2/v2.0/token",
            Claims = new Dictionary<string, object> { ["sub"] = Applications.Confidential, ["jti"] = Guid.NewGuid().ToString() },
            Expires = DateTime.UtcNow.AddMinutes(10),
            SigningCredentials = new SigningCredentials(new X509SecurityKey(authority.Application), SecurityAlgorithms.RsaSha256),
        });
    }
}
