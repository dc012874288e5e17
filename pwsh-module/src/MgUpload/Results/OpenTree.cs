using System;
using System.Linq;

namespace MgUpload;

/// <summary>A tree that Send-MgUploadItem has begun on this machine and not brought to its end. Its path is the first of its sources.</summary>
public sealed record OpenTree : OpenUpload
{
    /// <summary>The files and folders that it sends.</summary>
    public required string[] Sources { get; init; }

    /// <summary>Files that were settled when that was last noted.</summary>
    public long FilesDone { get; init; }

    /// <summary>Files in all; nothing where they were not counted to the end.</summary>
    public long? Files { get; init; }

    /// <summary>Where a browser finds its destination.</summary>
    public string? WebUrl { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <inheritdoc/>
    internal override string InWords => $"{(Sources.Length == 1 ? Sources[0] : $"{Sources.Length} files and folders")} to {Destination}";
}
