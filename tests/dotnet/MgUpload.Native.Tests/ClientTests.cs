using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace MgUpload.Native.Tests;

/// <summary>The binding over the built library.</summary>
public sealed class ClientTests : IDisposable
{
    private const string Request = """{"route":"MgDriveRootUploadSession","ids":{"DriveId":"d"},"headers":[],"body":{}}""";
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    /// <summary>Takes connections and never answers.</summary>
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private readonly UploadClient _client;

    public ClientTests()
    {
        _silent.Start();
        _client = new UploadClient(new ClientOptions { GraphEndpoint = new Uri($"http://{_silent.LocalEndpoint}") });
        _client.SetToken("token");
    }

    public void Dispose()
    {
        _client.Dispose();
        _silent.Stop();
    }

    [Fact]
    public void LibraryHasAVersion() => Assert.Matches(@"^\d+\.\d+\.\d+", UploadClient.NativeVersion);

    [Fact]
    public void EndpointThatWouldShowTheTokenIsRefused()
    {
        var failure = Assert.Throws<MgUploadException>(static () => new UploadClient(new ClientOptions { GraphEndpoint = new Uri("http://example.com") }));
        Assert.Equal(ErrorKind.InvalidInput, failure.Kind);
    }

    [Fact]
    public void RequestIsDescribedWithoutBeingSent()
    {
        using Operation operation = _client.StartDescribe(Request);
        Assert.True(operation.Wait(s_long, out _));
        Assert.Contains("/v1.0/drives/d/root/microsoft.graph.createUploadSession", operation.Result(), StringComparison.Ordinal);
        Assert.False(_silent.Pending());
    }

    [Fact]
    public void BadRequestFailsAtTheStart() =>
        Assert.Equal(ErrorKind.InvalidInput, Assert.Throws<MgUploadException>(() => _client.StartCreate("{}")).Kind);

    [Fact]
    public void MissingFileHasItsKind()
    {
        using Operation operation = _client.StartUpload("""{"uploadUrl":"https://example.com/x"}""", Path.GetFullPath("/no/such/file"), default);
        var failure = Assert.Throws<MgUploadException>(() => operation.Wait(s_long, out _));
        Assert.Equal(ErrorKind.SourceMissing, failure.Kind);
        Assert.Null(failure.HttpStatus);
    }

    [Fact]
    public void CancelEndsTheWait()
    {
        using Operation operation = _client.StartCreate(Request);
        Assert.False(operation.Wait(TimeSpan.FromMilliseconds(100), out _));
        operation.Cancel();
        operation.Cancel();
        Assert.Equal(ErrorKind.Cancelled, Assert.Throws<MgUploadException>(() => operation.Wait(s_long, out _)).Kind);
    }

    [Fact]
    public async Task DisposeWhileAnotherThreadWaitsIsSafe()
    {
        Operation operation = _client.StartCreate(Request);
        using var waits = new ManualResetEventSlim();
        Task waiting = Task.Run(() =>
        {
            waits.Set();
            // The wait keeps the handle alive; the operation is freed when it returns.
            _ = operation.Wait(TimeSpan.FromMilliseconds(300), out _);
        });
        waits.Wait();
        operation.Dispose();
        await Record.ExceptionAsync(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => operation.Wait(TimeSpan.Zero, out _));
        operation.Cancel();
    }

    [Fact]
    public void OperationOutlivesItsClient()
    {
        using Operation operation = _client.StartCreate(Request);
        _client.Dispose();
        operation.Cancel();
        Assert.Equal(ErrorKind.Cancelled, Assert.Throws<MgUploadException>(() => operation.Wait(s_long, out _)).Kind);
    }
}
