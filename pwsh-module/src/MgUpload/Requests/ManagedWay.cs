using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using MgUpload.Native;

namespace MgUpload.Requests;

/// <summary>A connection's way to the network for .NET's client: the same proxy, the same exceptions, the same certificates.</summary>
internal static class ManagedWay
{
    internal static SocketsHttpHandler Handler(GraphConnection connection, bool useDefaultCredentials)
    {
        ClientOptions way = connection.Way;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (useDefaultCredentials)
        {
            handler.DefaultProxyCredentials = CredentialCache.DefaultCredentials;
        }
        if (connection.GraphEndpoint.IsLoopback || IsExcepted(connection.GraphEndpoint.Host, way.NoProxy))
        {
            handler.UseProxy = false;
        }
        else if (way.Proxy is not null)
        {
            handler.Proxy = new WebProxy(way.Proxy) { Credentials = Credential(way), UseDefaultCredentials = useDefaultCredentials };
        }
        if (way.CertificateFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = Trusting(way.CertificateFile);
        }
        return handler;
    }

    /// <summary>As curl reads NO_PROXY: hosts, and the domains below them.</summary>
    internal static bool IsExcepted(string host, string? noProxy) => (noProxy ?? string.Empty)
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(static entry => entry.TrimStart('*').TrimStart('.'))
        .Any(entry => entry.Length == 0 || host.Equals(entry, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{entry}", StringComparison.OrdinalIgnoreCase));

    private static NetworkCredential? Credential(ClientOptions way)
    {
        if (way.ProxyUser is not null)
        {
            return new NetworkCredential(way.ProxyUser, way.ProxyPassword);
        }
        string[] inAddress = way.Proxy!.UserInfo.Split(':', 2);
        return inAddress[0].Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(inAddress[0]), Uri.UnescapeDataString(inAddress.ElementAtOrDefault(1) ?? string.Empty));
    }

    /// <summary>The system's certificates, and those of the file.</summary>
    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        foreach (StoreLocation location in (StoreLocation[])[StoreLocation.CurrentUser, StoreLocation.LocalMachine])
        {
            using var store = new X509Store(StoreName.Root, location);
            store.Open(OpenFlags.ReadOnly);
            policy.CustomTrustStore.AddRange(store.Certificates);
        }
        return policy;
    }
}
