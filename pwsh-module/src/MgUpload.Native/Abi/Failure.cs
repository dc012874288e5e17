using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text.Json;

namespace MgUpload.Native.Abi;

/// <summary>Turns native errors into exceptions; there is no other place that does.</summary>
internal static class Failure
{
    private const int StatusOk = 0;

    /// <summary>The members that have a property of their own.</summary>
    private static readonly HashSet<string> s_members =
    [
        "kind", "status", "message", "httpStatus", "code", "graphMessage", "requestId", "clientRequestId", "date", "retryAfterSeconds", "attempts",
        "elapsedMillis", "method", "target", "withToken", "body", "openUpload",
    ];

    /// <summary>Throws unless a call went well; frees the error that came with it.</summary>
    public static void ThrowIf(int status, ErrorHandle error)
    {
        using (error)
        {
            if (status != StatusOk)
            {
                throw Of(status, error.IsInvalid ? 0 : error.DangerousGetHandle());
            }
        }
    }

    /// <summary>The exception for a failed status; copies all that it needs out of the native error.</summary>
    public static MgUploadException Of(int status, nint error)
    {
        if (error == 0)
        {
            return new MgUploadException(Kind(status), $"the native library failed with status {status}");
        }
        string message = NativeMethods.ErrorMessage(error).ToString();
        string details = NativeMethods.ErrorDetails(error).ToString();
        using JsonDocument document = JsonDocument.Parse(details.Length == 0 ? "{}" : details);
        return Of(Kind(NativeMethods.ErrorStatus(error)), message, document.RootElement);
    }

    /// <summary>The exception that the details describe.</summary>
    internal static MgUploadException Of(ErrorKind kind, string message, JsonElement details)
    {
        string? code = Text(details, "code");
        string? words = Text(details, "graphMessage");
        string? body = Text(details, "body");
        int? httpStatus = (int?)Number(details, "httpStatus");
        return new MgUploadException(kind, Sentence(message, code, words, httpStatus, body))
        {
            HttpStatus = httpStatus,
            Code = code,
            InnerCodes = Items(details, "innerCodes").Select(static item => item.GetString() ?? string.Empty).ToArray(),
            GraphMessage = words,
            RequestId = Text(details, "requestId"),
            ClientRequestId = Text(details, "clientRequestId"),
            Date = Text(details, "date"),
            RetryAfter = Number(details, "retryAfterSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Attempts = (int)(Number(details, "attempts") ?? 0),
            Elapsed = TimeSpan.FromMilliseconds(Number(details, "elapsedMillis") ?? 0),
            Method = Text(details, "method"),
            Target = Text(details, "target"),
            Headers = Items(details, "headers").Select(static pair => new KeyValuePair<string, string>(pair[0].GetString() ?? string.Empty, pair[1].GetString() ?? string.Empty)).ToArray(),
            Body = body,
            WithToken = details.TryGetProperty("withToken", out JsonElement token) && token.ValueKind is JsonValueKind.True or JsonValueKind.False ? token.GetBoolean() : null,
            Facts = Facts(details),
            OpenUpload = Text(details, "openUpload"),
        };
    }

    /// <summary>An unknown number is a kind of its own, never a crash.</summary>
    internal static ErrorKind Kind(int status) => Enum.IsDefined((ErrorKind)status) ? (ErrorKind)status : ErrorKind.Unexpected;

    /// <summary>Whether an answer is JSON, by how it begins.</summary>
    internal static bool IsJson(string? body) => body?.TrimStart('\uFEFF', ' ', '\t', '\r', '\n') is ['{' or '[', ..];

    /// <summary>Graph's words in the form of Microsoft's modules; else the core's phrase made a sentence.</summary>
    private static string Sentence(string phrase, string? code, string? words, int? httpStatus, string? body)
    {
        if (!string.IsNullOrEmpty(words))
        {
            return string.IsNullOrEmpty(code) ? words : $"[{code}] : {words}";
        }
        if (httpStatus is >= 400 && IsJson(body))
        {
            return $"The server responded with a Request Error, Status: {(HttpStatusCode)httpStatus}";
        }
        // An address at the beginning keeps its case.
        bool isAddress = phrase.Split(' ')[0].Contains("://", StringComparison.Ordinal);
        return phrase.Length == 0 || isAddress ? $"{phrase}." : $"{char.ToUpperInvariant(phrase[0])}{phrase[1..]}.";
    }

    /// <summary>Every text, number and truth value that no property of the exception takes.</summary>
    private static Dictionary<string, string> Facts(JsonElement details) => details.EnumerateObject()
        .Where(static fact => fact.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False && !s_members.Contains(fact.Name))
        .ToDictionary(static fact => fact.Name, static fact => fact.Value.ToString());

    private static string? Text(JsonElement details, string name) =>
        details.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement details, string name) =>
        details.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement details, string name) =>
        details.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;
}
