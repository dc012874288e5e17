using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Azure.Identity;
using MgUpload.Connection;
using MgUpload.Native;
using Microsoft.Identity.Client;

namespace MgUpload.SignIn;

/// <summary>Failures of Azure.Identity and MSAL as the module's own: with the code, the ids for support, and no secret.</summary>
internal static partial class Failures
{
    internal static async Task<T> Translated<T>(SignInRequest request, CancellationToken stop, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not MgUploadException && !(error is OperationCanceledException && stop.IsCancellationRequested))
        {
            throw Of(request, error);
        }
    }

    /// <summary>A service's text, in which nothing acts on the terminal.</summary>
    internal static string Visible(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(static line => Display.Text(line))).Trim();

    private static MgUploadException Of(SignInRequest request, Exception error)
    {
        Exception[] all = Chain(error).ToArray();
        MsalServiceException? service = all.OfType<MsalServiceException>().FirstOrDefault();
        HttpRequestException? network = all.OfType<HttpRequestException>().FirstOrDefault();
        if (service is null && all.Any(ManagedWay.IsConnectTimeout))
        {
            return Unreachable(request, $"no connection within {request.Network.ConnectTimeout.TotalSeconds:0.#} s", string.Empty, error);
        }
        if (service is null && all.OfType<SilentException>().FirstOrDefault() is { } silence)
        {
            return new MgUploadException(ErrorKind.Timeout, $"{Asked(request)} has not answered: {silence.Message}.", error) { Facts = Facts(request, "silent") };
        }
        // A cancellation that nobody has asked for: so .NET says that a request has taken too long.
        if (service is null && all.OfType<OperationCanceledException>().Any())
        {
            return new MgUploadException(ErrorKind.Timeout, $"{Asked(request)} has not answered within {request.Timeout.TotalSeconds:0.#} s.", error) { Facts = Facts(request, "late") };
        }
        if (service is null && network is not null)
        {
            return Unreachable(request, network);
        }
        string said = all.Select(static one => one.Message).Where(static text => !text.EndsWith(": ", StringComparison.Ordinal) && text.Length > 0).LastOrDefault() ?? error.Message;
        // Azure.Identity's own words are often nothing but a heading over MSAL's.
        string text = service?.Message ?? all.OfType<MsalException>().FirstOrDefault()?.Message ?? (error is CredentialUnavailableException ? error.Message : said);
        string code = AadSts().Match(text) is { Success: true } found ? found.Value : all.OfType<MsalException>().FirstOrDefault()?.ErrorCode ?? string.Empty;
        // Without what it comes from: that holds the service's answer whole, and what of the request the answer repeats.
        return new MgUploadException(ErrorKind.Unauthenticated, Words(request, text, service))
        {
            Code = code.Length == 0 ? null : code,
            Facts = Facts(request, ReasonOf(error, all, code)),
        };
    }

    private static Dictionary<string, string> Facts(SignInRequest request, string reason) => new() { ["reason"] = reason, ["way"] = request.Way.ToString() };

    private static string Asked(SignInRequest request) => request.Way == SignInWay.ManagedIdentity ? "The end point for managed identities" : request.Login.Authority;

    private static string ReasonOf(Exception error, Exception[] all, string code) => error switch
    {
        AuthenticationRequiredException => "signInAgain",
        _ when all.OfType<MsalUiRequiredException>().Any() && !code.StartsWith("AADSTS65001", StringComparison.Ordinal) => "signInAgain",
        CredentialUnavailableException => "unavailable",
        _ when all.OfType<MsalClientException>().Any(static client => client.ErrorCode is "linux_xdg_open_failed" or "platform_not_supported") => "noBrowser",
        _ => "signIn",
    };

    /// <summary>The service's words, then the ids that Microsoft's support asks for; no secret that it repeats.</summary>
    private static string Words(SignInRequest request, string text, MsalServiceException? service)
    {
        // MSAL puts a text of its own before the service's.
        int own = text.IndexOf("AADSTS", StringComparison.Ordinal);
        string first = Ids().Replace(Visible(own > 0 ? text[own..] : text), string.Empty).Trim();
        if (!string.IsNullOrEmpty(request.Secret))
        {
            first = first.Replace(request.Secret, "…", StringComparison.Ordinal);
        }
        string[] ids = [.. new[] { Named("Correlation id", service?.CorrelationId), Named("trace id", Trace().Match(service?.ResponseBody ?? text).Groups[1].Value) }.OfType<string>()];
        return ids.Length == 0 ? first : $"{first.TrimEnd('.')}. {string.Join(", ", ids)}.";
    }

    private static string? Named(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"{name} {Visible(value)}";

    private static MgUploadException Unreachable(SignInRequest request, HttpRequestException error)
    {
        (string why, string fault) = error.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => ("its name is not known (DNS)", string.Empty),
            HttpRequestError.SecureConnectionError => ("its certificate is not trusted, or TLS 1.2 is not spoken there", "Untrusted"),
            HttpRequestError.ProxyTunnelError => ("the proxy makes no way", "ProxyDenied"),
            HttpRequestError.ConnectionError => ($"no connection ({Visible(error.GetBaseException().Message)})", string.Empty),
            _ => (Visible(error.GetBaseException().Message), string.Empty),
        };
        return Unreachable(request, why, fault, error);
    }

    private static MgUploadException Unreachable(SignInRequest request, string why, string fault, Exception error)
    {
        Dictionary<string, string> facts = Facts(request, "unreachable");
        if (fault.Length > 0)
        {
            facts["fault"] = fault;
        }
        return new MgUploadException(ErrorKind.Network, $"{Asked(request)} cannot be reached to sign in: {why}.", error) { Facts = facts };
    }

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (Exception? one = error; one is not null; one = one is AggregateException { InnerExceptions.Count: > 0 } many ? many.InnerExceptions[^1] : one.InnerException)
        {
            yield return one;
        }
    }

    [GeneratedRegex(@"AADSTS\d+")]
    private static partial Regex AadSts();

    [GeneratedRegex(@"\s*(Trace ID|Correlation ID|Timestamp): \S+( \S+Z)?", RegexOptions.IgnoreCase)]
    private static partial Regex Ids();

    [GeneratedRegex("""(?:trace_id"\s*:\s*"|Trace ID: )([0-9a-fA-F-]{36})""")]
    private static partial Regex Trace();
}
