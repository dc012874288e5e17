namespace Identity;

/// <summary>Entra's first segment of a path is the tenant; what this server does not know is refused as Entra does.</summary>
public sealed class Tenants(RequestDelegate next, Control control)
{
    public const string Contoso = "11111111-1111-4111-8111-111111111111";

    private static readonly string[] s_known = [Contoso, "contoso.example", "common", "organizations"];
    private static readonly string[] s_own = ["control", "msi", "github"];

    public async Task Invoke(HttpContext context)
    {
        string[] parts = context.Request.Path.Value!.Split('/', 3, StringSplitOptions.None);
        string tenant = parts.Length > 1 ? parts[1] : string.Empty;
        if (s_own.Contains(tenant))
        {
            await next(context);
            return;
        }
        await Task.Delay(control.Thinks, context.RequestAborted);
        if (!s_known.Contains(tenant))
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new
            {
                error = "invalid_tenant",
                error_description = $"AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID. Trace ID: {Guid.NewGuid()} Correlation ID: {Guid.NewGuid()} Timestamp: {DateTime.UtcNow:u}",
                error_codes = new[] { 90002 },
                trace_id = Guid.NewGuid(),
                correlation_id = Guid.NewGuid(),
            });
            return;
        }
        context.Request.PathBase = $"/{tenant}";
        context.Request.Path = $"/{(parts.Length > 2 ? parts[2] : string.Empty)}";
        await next(context);
    }
}
