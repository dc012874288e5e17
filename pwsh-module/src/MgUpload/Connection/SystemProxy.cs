using System;
using System.Net;
using System.Net.Http;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// What only the system can work out of its proxies: scripts (PAC), WPAD, one for each scheme. .NET asks it, host by host; the core
/// reads no more than a plain address.
/// </summary>
internal static class SystemProxy
{
    private static IWebProxy? s_asked;

    /// <summary>Whom to ask; null where the environment says all that there is, which is the core's to read.</summary>
    internal static IWebProxy? Asked
    {
        get => s_asked ?? (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? HttpClient.DefaultProxy : null);
        set => s_asked = value;
    }

    /// <summary>The way to Graph, which is the way to all hosts that nothing is known of yet.</summary>
    internal static void TellOfAll(UploadClient client, Uri graph) => Tell(client, string.Empty, new Uri(graph.GetLeftPart(UriPartial.Authority)));

    /// <summary>
    /// The way to a host, by its address: a script sees no more than that, for the path of an upload URL is a secret. An empty
    /// <paramref name="host"/> means all that have none of their own.
    /// </summary>
    internal static void Tell(UploadClient client, string host, Uri address)
    {
        if (!client.IsRouted || address.IsLoopback || Asked is not { } system)
        {
            return;
        }
        Uri? proxy = system.IsBypassed(address) ? null : system.GetProxy(address);
        bool isDirect = proxy is null || proxy == address;
        // The core speaks to no others; what it would do by itself is to go past them.
        if (isDirect || proxy!.Scheme is "http" or "https")
        {
            client.SetRoute(host, isDirect ? string.Empty : proxy!.GetLeftPart(UriPartial.Authority));
        }
    }
}
