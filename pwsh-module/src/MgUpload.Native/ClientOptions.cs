using System;

namespace MgUpload.Native;

/// <summary>How a client reaches the service.</summary>
public sealed record ClientOptions
{
    /// <summary>The address of Graph; https, except on this machine.</summary>
    public Uri GraphEndpoint { get; init; } = new("https://graph.microsoft.com");

    /// <summary>Who says that it is asking.</summary>
    public string UserAgent { get; init; } = string.Empty;

    /// <summary>The proxy; null for the system's. Loopback is reached without one.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The name that the proxy wants.</summary>
    public string? ProxyUser { get; init; }

    /// <summary>The password that goes with it.</summary>
    public string? ProxyPassword { get; init; }

    /// <summary>Hosts that are reached without a proxy, as in NO_PROXY.</summary>
    public string? NoProxy { get; init; }

    /// <summary>A PEM file of certificates that are trusted besides the system's.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>How long making a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a token is waited for that an operation asks for; zero: none is asked for.</summary>
    public TimeSpan TokenWait { get; init; }

    /// <summary>Where open uploads are recorded; null for the user's own folder.</summary>
    public string? StateFolder { get; init; }
}
