using System;
using System.Management.Automation;

namespace MgUpload;

/// <summary>What an upload came to.</summary>
public sealed class UploadResult
{
    /// <summary>The file; null where the bytes came from none.</summary>
    public string? Path { get; init; }

    /// <summary>The file's name at its destination.</summary>
    public string? Name { get; init; }

    /// <summary>The id of the item that it has become; null where the service tells none.</summary>
    public string? ItemId { get; init; }

    /// <summary>Where a browser finds the item; null where the service tells no such address.</summary>
    public string? WebUrl { get; init; }

    /// <summary>Where it went: the path of what made the session, or the host of the upload URL.</summary>
    public string? Destination { get; init; }

    /// <summary>The back end: drive, outlook, todo or print.</summary>
    public required string Family { get; init; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; init; }

    /// <summary>Bytes that were sent, repeated ones included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Requests that were sent.</summary>
    public long Requests { get; init; }

    /// <summary>How many of them were repetitions.</summary>
    public long Retries { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How much of that was spent waiting because the service asked for it.</summary>
    public TimeSpan ThrottledTime { get; init; }

    /// <summary>Bytes a second.</summary>
    public double Rate { get; init; }

    /// <summary>What the service returned; null where it returns nothing.</summary>
    public PSObject? Item { get; init; }

    /// <summary>Where the service says that the item is.</summary>
    public string? Location { get; init; }

    /// <summary>Whether the item is in place; false where the session was asked to wait for a commit.</summary>
    public bool Committed { get; init; }

    /// <summary>The quickXorHash of the bytes that were sent.</summary>
    public string? Hash { get; init; }

    /// <summary>The SHA-256 of the bytes, in hexadecimal digits, where it was asked for.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The hash that the service reports.</summary>
    public string? ServiceHash { get; init; }

    /// <summary>Whether the service stored what was sent: Verified, Mismatch, NotReported or RewrittenByService.</summary>
    public required string Integrity { get; init; }
}
