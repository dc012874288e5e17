using System;
using System.Collections.Generic;

namespace MgUpload.Native;

/// <summary>A failure, with everything that the service and the core said about it.</summary>
public sealed class MgUploadException : Exception
{
    /// <summary>A failure of a kind, in words.</summary>
    public MgUploadException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The status of the answer; null when there was none.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>Graph's code for it.</summary>
    public string? Code { get; init; }

    /// <summary>More precise codes, from the outside inwards.</summary>
    public IReadOnlyList<string> InnerCodes { get; init; } = [];

    /// <summary>Graph's own words.</summary>
    public string? GraphMessage { get; init; }

    /// <summary>The id under which Microsoft finds the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>The id that was sent with the request.</summary>
    public string? ClientRequestId { get; init; }

    /// <summary>The service's time, as it wrote it.</summary>
    public string? Date { get; init; }

    /// <summary>How long the service asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>How long it was tried.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The method of the failed request.</summary>
    public string? Method { get; init; }

    /// <summary>Where the request went, without its secrets.</summary>
    public string? Target { get; init; }

    /// <summary>Whether a token went along with the request: one that creates a session has one, one to an upload URL has none.</summary>
    public bool? WithToken { get; init; }

    /// <summary>The headers of the answer, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The first 4 KiB of the answer.</summary>
    public string? Body { get; init; }

    /// <summary>What to do, in words. Who catches the failure and knows more may add it.</summary>
    public string? Advice { get; set; }

    /// <summary>Facts by which cases of one kind are told apart, such as <c>reason</c>; none that has a property of its own.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>The id of the upload that it has left open; null where there is nothing to go on with.</summary>
    public string? OpenUpload { get; init; }

    /// <summary>The same failure of an upload, told by what kept a token from it.</summary>
    public MgUploadException Because(MgUploadException cause)
    {
        System.ArgumentNullException.ThrowIfNull(cause);
        return new(Kind, cause.Message, cause) { Code = cause.Code, Facts = cause.Facts, Advice = cause.Advice, OpenUpload = OpenUpload };
    }

    /// <summary>A fact by its name; null where it is not among them.</summary>
    public string? Fact(string name) => Facts.GetValueOrDefault(name);

    /// <summary>Whether the answer was JSON.</summary>
    public bool AnsweredInJson => Abi.Failure.IsJson(Body);
}
