using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
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
    private readonly CancellationToken _stopping;

    internal ManagedSender(GraphConnection connection, CancellationToken stopping)
    {
        _connection = connection;
        _stopping = stopping;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        // The way has limits of its own; in all it may take as long as the line wants.
        _client = new HttpClient(ManagedWay.Handler(connection.Way)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The answer, as JSON for the core to read.</summary>
    /// <param name="request">The create request, as the core takes it.</param>
    /// <param name="described">What the core would send.</param>
    /// <param name="steps">The user's steps, the first one outermost.</param>
    internal string Send(string request, JsonElement described, PipelineStep[] steps)
    {
        using HttpRequestMessage message = Request(described);
        // The steps run on this thread, the only one on which script blocks may run.
        using HttpResponseMessage response = Run(steps, message);
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

    /// <summary>A step is anybody's code: what it throws is an error of this record, like all others.</summary>
    private HttpResponseMessage Run(PipelineStep[] steps, HttpRequestMessage message)
    {
        try
        {
            return Await(Chain(steps, 0)(message)) ?? throw new InvalidOperationException("it returned no answer");
        }
        catch (OperationCanceledException error) when (!_stopping.IsCancellationRequested)
        {
            throw new MgUploadException(ErrorKind.Cancelled, "A step of -HttpPipelineAppend or -HttpPipelinePrepend has cancelled the request.", error) { Advice = "See what the step does." };
        }
        catch (Exception error) when (error is not (MgUploadException or OperationCanceledException or RuntimeException or PipelineStoppedException))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"A step of -HttpPipelineAppend or -HttpPipelinePrepend has failed: {error.Message}", error) { Advice = "See what the step does." };
        }
    }

    /// <summary>Waits here, where script blocks run; failures of the network become those of the core.</summary>
    private T Await<T>(Task<T> task)
    {
        try
        {
            return task.WaitAsync(_stop.Token).GetAwaiter().GetResult();
        }
        catch (HttpRequestException error) when (error.InnerException is SilentException silence)
        {
            throw Unreached(ErrorKind.Timeout, $"has not answered: {silence.Message}.", error);
        }
        catch (HttpRequestException error)
        {
            throw Unreached(ErrorKind.Network, $"cannot be reached: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (error.InnerException is { } inner && ManagedWay.IsConnectTimeout(inner))
        {
            throw Unreached(ErrorKind.Network, $"cannot be reached: no connection within {_connection.Way.ConnectTimeout.TotalSeconds:0.#} s.", error);
        }
    }

    private MgUploadException Unreached(ErrorKind kind, string what, Exception error) => new(kind, $"{_connection.GraphEndpoint.GetLeftPart(UriPartial.Authority)} {what}", error)
    {
        Advice = "Check the network and the proxy, and run the command again.",
    };

    private Func<HttpRequestMessage, Task<HttpResponseMessage>> Chain(PipelineStep[] steps, int index) =>
        index == steps.Length ? SendToWire : request => steps[index](request, new PipelineLink(Chain(steps, index + 1), _stop));

    private HttpRequestMessage Request(JsonElement described)
    {
        string path = described.GetProperty("path").GetString() ?? string.Empty;
        var request = new HttpRequestMessage(HttpMethod.Post, _connection.GraphEndpoint.GetLeftPart(UriPartial.Authority) + path)
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
            _connection.Token.Read(token => request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}"));
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
