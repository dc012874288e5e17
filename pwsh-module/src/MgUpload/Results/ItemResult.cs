using System;
using System.Management.Automation;

namespace MgUpload;

/// <summary>What a file came to.</summary>
public class ItemResult
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What it went to.</summary>
    public string? Destination { get; init; }

    /// <summary>Its name there.</summary>
    public string? Name { get; init; }

    /// <summary>The id of what it has become; null where it has become nothing, or the service tells none.</summary>
    public string? ItemId { get; init; }

    /// <summary>Where a browser finds it; null where the service tells no such address.</summary>
    public string? WebUrl { get; init; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; init; }

    /// <summary>Uploaded, Unchanged, Skipped, Failed, or, with -WhatIf, WouldUpload.</summary>
    public required string Status { get; init; }

    /// <summary>Why, in one word, where the status alone does not tell.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the service stored what was sent: Verified, Mismatch, NotReported or RewrittenByService.</summary>
    public string? Integrity { get; init; }

    /// <summary>Why it failed; the same record that the error stream has.</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
