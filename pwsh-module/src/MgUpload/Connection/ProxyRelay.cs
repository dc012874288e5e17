using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// A proxy on this machine that goes on by another, where it logs on as whoever runs PowerShell: .NET has Negotiate and NTLM, native
/// code has not. It lets nobody else through, for it wants a password that is made here and goes no further. One for each proxy and
/// limit, for as long as the process: sessions outlive the connection that made them.
/// </summary>
internal sealed class ProxyRelay
{
    private const int LongestHead = 8192;
    private static readonly ConcurrentDictionary<(Uri? Proxy, TimeSpan Limit), Lazy<ProxyRelay>> s_relays = new();

    private readonly IWebProxy _proxies;
    private readonly ICredentials _logOn;
    private readonly TimeSpan _limit;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
    private readonly byte[] _wanted;
    private readonly ConcurrentDictionary<Uri, HttpClient> _clients = new();

    internal ProxyRelay(IWebProxy proxies, ICredentials logOn, TimeSpan limit)
    {
        _proxies = proxies;
        _logOn = logOn;
        _limit = limit;
        _wanted = Encoding.ASCII.GetBytes("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{nameof(MgUpload)}:{_password}")));
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    private Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The same way, with the log-on of whoever runs PowerShell at its proxy, or at the system's where it names none.</summary>
    internal static ClientOptions LoggedOn(ClientOptions way) => s_relays.GetOrAdd((way.Proxy, way.ConnectTimeout), static to => new(() =>
    {
        IWebProxy proxies = to.Proxy is null ? SystemProxy.Asked ?? HttpClient.DefaultProxy : new WebProxy(to.Proxy);
        return new ProxyRelay(proxies, CredentialCache.DefaultCredentials, to.Limit);
    })).Value.Way(way);

    /// <summary>Where a proxy's address leads to: a relay's to the proxy behind it.</summary>
    internal static string? Shown(Uri? proxy)
    {
        foreach ((Uri? behind, _) in s_relays.Where(relay => relay.Value.IsValueCreated && relay.Value.Value.Address == proxy).Select(static relay => relay.Key))
        {
            return behind is null ? "(system)" : Bare(behind);
        }
        return Bare(proxy);

        static string? Bare(Uri? address) => address?.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
    }

    internal ClientOptions Way(ClientOptions way) => way with { Proxy = Address, ProxyUser = nameof(MgUpload), ProxyPassword = _password };

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                TcpClient caller = await _listener.AcceptTcpClientAsync().ConfigureAwait(false);
                _ = ServeAsync(caller);
            }
            catch (SocketException)
            {
                // A caller that has gone again, or no room for one more: the next may fare better.
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(TcpClient caller)
    {
        using (caller)
        {
            caller.NoDelay = true;
            NetworkStream stream = caller.GetStream();
            try
            {
                if (await RefusalAsync(stream).ConfigureAwait(false) is { } refusal)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // Either side has broken off; the other one notices by its connection.
            }
        }
    }

    /// <summary>Carries what comes and goes until an end; where no way could be made, what to tell the caller.</summary>
    private async Task<string?> RefusalAsync(NetworkStream caller)
    {
        string[] head = await HeadAsync(caller).ConfigureAwait(false);
        if (!head.Any(IsPassword))
        {
            return "407 Proxy Authentication Required";
        }
        if (head[0].Split(' ') is not ["CONNECT", string host, ..] || !Uri.TryCreate($"https://{host}", UriKind.Absolute, out Uri? target))
        {
            return "405 Method Not Allowed";
        }
        try
        {
            return await GoOnAsync(caller, target).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or OperationCanceledException)
        {
            return "502 Bad Gateway";
        }
    }

    private async Task<string[]> HeadAsync(NetworkStream caller)
    {
        byte[] head = new byte[LongestHead];
        int length = 0;
        using var patience = new CancellationTokenSource(_limit);
        while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            int read = length == head.Length ? 0 : await caller.ReadAsync(head.AsMemory(length), patience.Token).ConfigureAwait(false);
            length += read > 0 ? read : throw new IOException("It is no request.");
        }
        return Encoding.ASCII.GetString(head, 0, length).Split("\r\n");
    }

    private bool IsPassword(string line) => line.Split(':', 2) is [string name, string value]
        && name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(value.Trim()), _wanted);

    private async Task<string?> GoOnAsync(NetworkStream caller, Uri target)
    {
        Uri? proxy = _proxies.IsBypassed(target) ? null : _proxies.GetProxy(target);
        if (proxy is null)
        {
            using var direct = new TcpClient { NoDelay = true };
            using var limit = new CancellationTokenSource(_limit);
            await direct.ConnectAsync(target.IdnHost, target.Port, limit.Token).ConfigureAwait(false);
            await CarryAsync(caller, direct.GetStream()).ConfigureAwait(false);
            return null;
        }
        // A request of this kind is the library's own way to a tunnel: it logs on, and its content is what comes and goes.
        using var request = new HttpRequestMessage(HttpMethod.Connect, new Uri($"http://{target.IdnHost}:{target.Port}"));
        request.Headers.Host = $"{target.IdnHost}:{target.Port}";
        using var patience = new CancellationTokenSource(_limit);
        using HttpResponseMessage response = await _clients.GetOrAdd(proxy, ClientBy).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return $"{(int)response.StatusCode} {response.StatusCode}";
        }
        await CarryAsync(caller, await response.Content.ReadAsStreamAsync().ConfigureAwait(false)).ConfigureAwait(false);
        return null;
    }

    private HttpClient ClientBy(Uri proxy) => new(new SocketsHttpHandler
    {
        Proxy = new WebProxy(proxy) { Credentials = _logOn },
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = _limit,
        MaxResponseHeadersLength = LongestHead / 1024,
    });

    private static async Task CarryAsync(NetworkStream caller, Stream far)
    {
        await caller.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray()).ConfigureAwait(false);
        await Task.WhenAny(caller.CopyToAsync(far), far.CopyToAsync(caller)).ConfigureAwait(false);
    }
}
