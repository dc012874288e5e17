using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Requests;

/// <summary>
/// Sends one request through the user's pipeline steps and .NET's client. What the answer means is the core's to say;
/// nothing is repeated here, since a step may have changed what a repetition would do.
/// </summary>
internal sealed class ManagedSender : IDisposable
{
    private const int MostRedirects = 5;

    private readonly GraphConnection _connection;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop;

    internal ManagedSender(GraphConnection connection, Uri? proxy, NetworkCredential? credential, bool useDefaultCredentials, CancellationToken stopping)
    {
        _connection = connection;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (proxy is not null)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = credential, UseDefaultCredentials = useDefaultCredentials };
        }
        else if (useDefaultCredentials)
        {
            handler.DefaultProxyCredentials = CredentialCache.DefaultCredentials;
        }
        _client = new HttpClient(handler);
    }

    /// <summary>The answer, as JSON for the core to read.</summary>
    internal string Send(string request, string described, PipelineStep[] steps)
    {
        using JsonDocument document = JsonDocument.Parse(described);
        using HttpRequestMessage message = Request(document.RootElement);
        // The steps run on this thread, the only one on which script blocks may run.
        using HttpResponseMessage response = Await(Chain(steps, 0)(message));
        string body = Await(response.Content.ReadAsStringAsync(_stop.Token));
        IEnumerable<Property> answer =
        [
            new("status", (int)response.StatusCode),
            new("headers", response.Headers.Concat(response.Content.Headers).SelectMany(static header => header.Value.Select(value => new[] { header.Key, value })).ToArray()),
            new("body", body),
        ];
        // The request is JSON already.
        return JsonText.Of(answer).TrimEnd('}') + $",\"request\":{request}}}";
    }

    public void Dispose()
    {
        _client.Dispose();
        _stop.Dispose();
    }

    /// <summary>Waits here, where script blocks run; failures of the network become those of the core.</summary>
    private T Await<T>(Task<T> task)
    {
        try
        {
            return task.WaitAsync(_stop.Token).GetAwaiter().GetResult();
        }
        catch (HttpRequestException error)
        {
            throw new MgUploadException(ErrorKind.Network, $"{_connection.Endpoint.GetLeftPart(UriPartial.Authority)} cannot be reached: {error.Message}", error)
            {
                Advice = "Check the network and the proxy, and run the command again.",
            };
        }
    }

    private Func<HttpRequestMessage, Task<HttpResponseMessage>> Chain(PipelineStep[] steps, int index) =>
        index == steps.Length ? SendToWire : request => steps[index](request, new PipelineLink(Chain(steps, index + 1), _stop));

    private HttpRequestMessage Request(JsonElement described)
    {
        string path = described.GetProperty("path").GetString() ?? string.Empty;
        var request = new HttpRequestMessage(HttpMethod.Post, _connection.Endpoint.GetLeftPart(UriPartial.Authority) + path)
        {
            Content = new StringContent(described.GetProperty("body").GetString() ?? string.Empty, Encoding.UTF8, "application/json"),
        };
        foreach (JsonElement header in described.GetProperty("headers").EnumerateArray())
        {
            // Content-Type is the content's own, and already there.
            request.Headers.TryAddWithoutValidation(header[0].GetString() ?? string.Empty, header[1].GetString());
        }
        request.Headers.TryAddWithoutValidation("User-Agent", GraphConnection.UserAgent);
        if (request.Headers.Authorization is null)
        {
            SecureText.Read(_connection.Token, token => request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}"));
        }
        return request;
    }

    /// <summary>A redirect is followed on the same host only: the token is meant for no other.</summary>
    private async Task<HttpResponseMessage> SendToWire(HttpRequestMessage request)
    {
        HttpResponseMessage response = await _client.SendAsync(request, _stop.Token).ConfigureAwait(false);
        for (int hop = 0; hop < MostRedirects && Redirect(request, response) is { } target; hop++)
        {
            response.Dispose();
            var next = new HttpRequestMessage(request.Method, target) { Content = request.Content };
            foreach ((string name, IEnumerable<string> values) in request.Headers)
            {
                next.Headers.TryAddWithoutValidation(name, values);
            }
            response = await _client.SendAsync(next, _stop.Token).ConfigureAwait(false);
        }
        return response;
    }

    private static Uri? Redirect(HttpRequestMessage request, HttpResponseMessage response)
    {
        bool moves = response.StatusCode is HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        if (!moves || response.Headers.Location is not { } location || request.RequestUri is not { } origin)
        {
            return null;
        }
        var target = new Uri(origin, location);
        return target.Scheme == origin.Scheme && target.Authority == origin.Authority ? target : null;
    }
}
