using System;

namespace MgUpload.Native;

/// <summary>A request has ended.</summary>
public sealed record RequestEvent : OperationEvent
{
    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Host and path of Graph, or the host of an upload URL.</summary>
    public required string Target { get; init; }

    /// <summary>The bytes that it sent, as in Content-Range.</summary>
    public string? Range { get; init; }

    /// <summary>The status of the answer; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>Why there was none, in words.</summary>
    public string? Why { get; init; }

    /// <summary>The id under which Microsoft finds the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>The id that was sent with it.</summary>
    public string? ClientRequestId { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>What was sent to Graph, without secrets.</summary>
    public string? Body { get; init; }

    /// <summary>What Graph answered, without secrets.</summary>
    public string? Answer { get; init; }
}
