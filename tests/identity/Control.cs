using System.Collections.Concurrent;

namespace Identity;

/// <summary>What a test has said, and what it may ask.</summary>
public sealed class Control
{
    /// <summary>Seconds that tokens live.</summary>
    public int Lifetime { get; set; } = 3600;

    /// <summary>What the person at the browser does: approve, decline, nothing; or what it does at the page that is shown, atPage.</summary>
    public string Person { get; set; } = "approve";

    /// <summary>An error of Entra that every request for a token gets; empty for none.</summary>
    public string Refuses { get; set; } = string.Empty;

    /// <summary>Seconds after which device codes run out.</summary>
    public int DeviceLifetime { get; set; } = 900;

    /// <summary>Whether refresh tokens are taken.</summary>
    public bool Refreshes { get; set; } = true;

    /// <summary>Milliseconds in which the server says nothing to a request that it has read.</summary>
    public int Thinks { get; set; }

    /// <summary>Each request for a token: its grant, and what of it a test may want to see.</summary>
    public ConcurrentQueue<Dictionary<string, string?>> Asked { get; } = new();

    /// <summary>All secrets that were given out or taken: nothing that is written anywhere may have one.</summary>
    public ConcurrentBag<string> Secrets { get; } = [LoginPage.Password];

    public void Reset()
    {
        (Lifetime, Person, Refuses, DeviceLifetime, Refreshes, Thinks) = (3600, "approve", string.Empty, 900, true, 0);
        Asked.Clear();
    }
}

public static class ControlEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/control/reset", (Control control) => control.Reset());
        app.MapPost("/control/set", (Control control, Settings settings) =>
        {
            control.Lifetime = settings.Lifetime ?? control.Lifetime;
            control.Person = settings.Person ?? control.Person;
            control.Refuses = settings.Refuses ?? control.Refuses;
            control.DeviceLifetime = settings.DeviceLifetime ?? control.DeviceLifetime;
            control.Refreshes = settings.Refreshes ?? control.Refreshes;
            control.Thinks = settings.Thinks ?? control.Thinks;
        });
        app.MapGet("/control/asked", (Control control) => control.Asked.ToArray());
        app.MapGet("/control/secrets", (Control control) => control.Secrets.Distinct().ToArray());
    }

    public sealed record Settings(int? Lifetime, string? Person, string? Refuses, int? DeviceLifetime, bool? Refreshes, int? Thinks);
}
