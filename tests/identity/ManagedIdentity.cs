namespace Identity;

/// <summary>The end point of App Service and its like, and that of GitHub Actions: both give tokens to whoever has the header.</summary>
public static class ManagedIdentity
{
    public const string Header = "header-of-the-identity-end-point";
    public const string GitHubToken = "request-token-of-the-job";

    public static void Map(WebApplication app)
    {
        app.MapGet("/msi/token", (HttpContext context, Control control) =>
        {
            IQueryCollection query = context.Request.Query;
            string? id = query["client_id"];
            control.Asked.Enqueue(new() { ["grant"] = "managed identity", ["client_id"] = id, ["resource"] = query["resource"] });
            if (context.Request.Headers["X-IDENTITY-HEADER"] != Header)
            {
                return Results.Json(new { statusCode = 401, message = "no" }, statusCode: 401);
            }
            if (id == "unknown")
            {
                return Results.Json(new { statusCode = 400, message = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId." }, statusCode: 400);
            }
            string token = $"managed-token-{id ?? "system"}-{Guid.NewGuid()}";
            control.Secrets.Add(token);
            return Results.Json(new { access_token = token, expires_on = DateTimeOffset.UtcNow.AddSeconds(control.Lifetime).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), resource = (string?)query["resource"], token_type = "Bearer", client_id = id });
        });
        app.MapGet("/github/token", (HttpContext context, Control control, TestAuthority authority) =>
        {
            control.Asked.Enqueue(new() { ["grant"] = "github", ["audience"] = context.Request.Query["audience"] });
            return context.Request.Headers.Authorization == $"Bearer {GitHubToken}"
                ? Results.Json(new { value = Assertions.Sign(authority, context) })
                : Results.StatusCode(401);
        });
    }
}
