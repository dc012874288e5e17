// An authorization server in the shape of Entra ID. It starts on a free port of this machine with a certificate of a test CA, tells
// where it is as one line of JSON, and ends when its standard input does. /control/… is how a test speaks to it.
using System.Net;
using System.Text.Json;
using Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;

string folder = args[0];
var authority = TestAuthority.Create(folder);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.Server));
    kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
});
builder.Services.AddSingleton(authority);
builder.Services.AddSingleton<Control>();
builder.Services.AddDbContext<DbContext>(options => options.UseInMemoryDatabase("identity").UseOpenIddict());
EntraShape.Add(builder.Services);

WebApplication app = builder.Build();
app.UseMiddleware<Tenants>();
app.UseRouting();
app.UseAuthentication();
ControlEndpoints.Map(app);
ManagedIdentity.Map(app);
await Applications.Register(app.Services);
await app.StartAsync();

string[] addresses = [.. app.Urls];
Console.WriteLine(JsonSerializer.Serialize(new
{
    login = addresses.Single(address => address.StartsWith("https", StringComparison.Ordinal)).Replace("127.0.0.1", "localhost"),
    plain = addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal)),
}));
while (Console.In.ReadLine() is not null)
{
}
await app.StopAsync();
