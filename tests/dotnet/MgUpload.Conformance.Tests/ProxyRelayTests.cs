using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using MgUpload.Connection;
using MgUpload.Native;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>The log-on at a proxy that native code has no means for.</summary>
public sealed class ProxyRelayTests : IDisposable
{
    private static readonly NetworkCredential s_logOn = new("me", "secret");
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly FarProxy _far = new();

    public void Dispose() => _far.Dispose();

    [Fact]
    public async Task CarriesWhatComesAndGoesByAProxyThatWantsALogOn()
    {
        byte[] sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        (string status, NetworkStream stream) = await Ask(Relay(), "graph.invalid:443");
        Assert.Equal("HTTP/1.1 200 OK", status);
        Task writing = stream.WriteAsync(sent).AsTask();
        byte[] back = new byte[sent.Length];
        await stream.ReadExactlyAsync(back).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        await writing;
        Assert.Equal(sent, back);
        // It asks without a log-on first, as all do; the caller's own password goes no further.
        Assert.Equal(["CONNECT graph.invalid:443 HTTP/1.1 -", "CONNECT graph.invalid:443 HTTP/1.1 Basic bWU6c2VjcmV0"], _far.Asked);
    }

    [Fact]
    public async Task LetsNobodyThroughWithoutItsPassword()
    {
        ClientOptions way = Relay();
        Assert.StartsWith("HTTP/1.1 407 ", (await Ask(way, "graph.invalid:443", "wrong")).Status, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 407 ", (await Ask(way, "graph.invalid:443", new string('0', way.ProxyPassword!.Length))).Status, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 407 ", (await Ask(way, "graph.invalid:443", null)).Status, StringComparison.Ordinal);
        Assert.Empty(_far.Asked);
    }

    [Fact]
    public async Task SaysThatTheProxyHasDeniedTheLogOn()
    {
        ClientOptions way = Relay(new NetworkCredential("me", "wrong"));
        Assert.StartsWith("HTTP/1.1 407 ", (await Ask(way, "graph.invalid:443")).Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassesARefusalOn() => Assert.StartsWith("HTTP/1.1 403 ", (await Ask(Relay(), "forbidden.invalid:443")).Status, StringComparison.Ordinal);

    [Fact]
    public async Task SaysThatTheProxyCannotBeReached()
    {
        ClientOptions way = Relay();
        _far.Dispose();
        Assert.StartsWith("HTTP/1.1 502 ", (await Ask(way, "graph.invalid:443")).Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitsForASilentProxyAsLongAsTheConnectionMay()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        ClientOptions way = new ProxyRelay(new WebProxy($"http://{silent.LocalEndpoint}"), s_logOn, TimeSpan.FromSeconds(1)).Way(new ClientOptions());
        Assert.StartsWith("HTTP/1.1 502 ", (await Ask(way, "graph.invalid:443")).Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoesToAHostPastTheProxyByItself()
    {
        ClientOptions way = new ProxyRelay(new WebProxy(_far.Address, false, ["127\\.0\\.0\\.1"]), s_logOn, s_limit).Way(new ClientOptions());
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        (string status, _) = await Ask(way, target.LocalEndpoint.ToString()!);
        using TcpClient reached = await target.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("HTTP/1.1 200 OK", status);
        Assert.Empty(_far.Asked);
    }

    [Fact]
    public void OneServesAllWhoNameTheProxyAndIsShownAsIt()
    {
        var way = new ClientOptions { Proxy = new Uri("http://proxy.invalid:8080"), NoProxy = "far.invalid" };
        ClientOptions first = ProxyRelay.LoggedOn(way);
        Assert.Equal(first, ProxyRelay.LoggedOn(way));
        Assert.NotEqual(first.Proxy, ProxyRelay.LoggedOn(way with { Proxy = new Uri("http://other.invalid:8080") }).Proxy);
        Assert.NotEqual(first.Proxy, ProxyRelay.LoggedOn(way with { ConnectTimeout = TimeSpan.FromSeconds(90) }).Proxy);
        Assert.Equal("far.invalid", first.NoProxy);
        Assert.Equal("http://proxy.invalid:8080", ProxyRelay.Shown(first.Proxy));
        Assert.Equal("http://named.invalid:8080", ProxyRelay.Shown(new Uri("http://user:password@named.invalid:8080")));
        Assert.Null(ProxyRelay.Shown(null));
    }

    private ClientOptions Relay(NetworkCredential? logOn = null) => new ProxyRelay(new WebProxy(_far.Address), logOn ?? s_logOn, s_limit).Way(new ClientOptions());

    private static Task<(string Status, NetworkStream Stream)> Ask(ClientOptions way, string host) => Ask(way, host, way.ProxyPassword);

    private static async Task<(string Status, NetworkStream Stream)> Ask(ClientOptions way, string host, string? password)
    {
        var client = new TcpClient();
        await client.ConnectAsync(way.Proxy!.Host, way.Proxy.Port);
        NetworkStream stream = client.GetStream();
        string logOn = password is null ? string.Empty : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{way.ProxyUser}:{password}"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{logOn}\r\n"));
        return ((await FarProxy.Head(stream).WaitAsync(TimeSpan.FromSeconds(20)))[0], stream);
    }

    /// <summary>A proxy with a log-on, behind which everything comes back.</summary>
    private sealed class FarProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        internal FarProxy()
        {
            _listener.Start();
            Address = new Uri($"http://{_listener.LocalEndpoint}");
            _ = Serve();
        }

        internal Uri Address { get; }

        internal List<string> Asked { get; } = [];

        public void Dispose() => _listener.Dispose();

        internal static async Task<string[]> Head(NetworkStream stream)
        {
            var head = new StringBuilder();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one);
                head.Append((char)one[0]);
            }
            return head.ToString().Split("\r\n");
        }

        private async Task Serve()
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = Answer(client);
            }
        }

        private async Task Answer(TcpClient client)
        {
            using TcpClient _ = client;
            NetworkStream stream = client.GetStream();
            while (true)
            {
                string[] head = await Head(stream);
                string logOn = Array.Find(head, static line => line.StartsWith("Proxy-Authorization: ", StringComparison.Ordinal))?[21..] ?? "-";
                lock (Asked)
                {
                    Asked.Add($"{head[0]} {logOn}");
                }
                bool isKnown = logOn == "Basic bWU6c2VjcmV0";
                string answer = !isKnown ? "407 Log On\r\nProxy-Authenticate: Basic realm=\"far\"" : head[0].Contains("forbidden", StringComparison.Ordinal) ? "403 Forbidden" : "200 OK";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\n{(answer == "200 OK" ? string.Empty : "Content-Length: 0\r\n")}\r\n"));
                if (answer == "200 OK")
                {
                    await stream.CopyToAsync(stream);
                    return;
                }
            }
        }
    }
}
