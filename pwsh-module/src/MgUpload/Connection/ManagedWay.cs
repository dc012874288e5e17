using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>A way to the network for .NET's client: the same proxy, the same exceptions, the same certificates, the same limits as the core's.</summary>
internal static class ManagedWay
{
    internal static SocketsHttpHandler Handler(ClientOptions way)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = new WayProxy(way),
            ConnectTimeout = way.ConnectTimeout,
            PlaintextStreamFilter = (made, _) => ValueTask.FromResult<Stream>(new LimitedStream(made.PlaintextStream, way.IdleTimeout)),
        };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (way.CertificateFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = Trusting(way.CertificateFile);
        }
        return handler;
    }

    /// <summary>Whether an error is that a connection was not made in time: .NET says so in words alone.</summary>
    internal static bool IsConnectTimeout(Exception error) => error is TimeoutException && error.Message.Contains(nameof(SocketsHttpHandler.ConnectTimeout), StringComparison.Ordinal);

    /// <summary>As curl reads NO_PROXY: hosts, and the domains below them.</summary>
    internal static bool IsExcepted(string host, string? noProxy) => (noProxy ?? string.Empty)
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(static entry => entry.TrimStart('*').TrimStart('.'))
        .Any(entry => entry.Length == 0 || host.Equals(entry, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{entry}", StringComparison.OrdinalIgnoreCase));

    /// <summary>The system's certificates, and those of the file.</summary>
    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, error.Message, error);
        }
        if (policy.CustomTrustStore.Count == 0)
        {
            throw Unreadable(file, "there is no certificate in PEM in it.", null);
        }
        foreach (StoreLocation location in (StoreLocation[])[StoreLocation.CurrentUser, StoreLocation.LocalMachine])
        {
            using var store = new X509Store(StoreName.Root, location);
            store.Open(OpenFlags.ReadOnly);
            policy.CustomTrustStore.AddRange(store.Certificates);
        }
        return policy;
    }

    private static MgUploadException Unreadable(string file, string why, Exception? cause) => new(ErrorKind.InvalidInput, $"The certificates of SSL_CERT_FILE ({file}) cannot be read: {why}", cause)
    {
        Advice = "Let it name a PEM file of certificates, or unset it; then run Connect-MgUpload again.",
    };

    /// <summary>The proxy that a connection names, else the system's; none for this machine, for exceptions, and for a cloud's own end point.</summary>
    private sealed class WayProxy(ClientOptions way) : IWebProxy
    {
        private readonly IWebProxy _proxy = way.Proxy is null ? HttpClient.DefaultProxy : new WebProxy(way.Proxy) { Credentials = Credential(way) };

        public ICredentials? Credentials
        {
            get => _proxy.Credentials;
            set => _proxy.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || host.Host == "169.254.169.254" || IsExcepted(host.Host, way.NoProxy) || _proxy.IsBypassed(host);

        private static NetworkCredential? Credential(ClientOptions way)
        {
            if (way.ProxyUser is not null)
            {
                return new NetworkCredential(way.ProxyUser, way.ProxyPassword);
            }
            string[] inAddress = way.Proxy!.UserInfo.Split(':', 2);
            return inAddress[0].Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(inAddress[0]), Uri.UnescapeDataString(inAddress.ElementAtOrDefault(1) ?? string.Empty));
        }
    }
}
