using System;

namespace MgUpload;

/// <summary>An upload that began on this machine and has not come to its end.</summary>
public record OpenUpload
{
    /// <summary>Names it to Resume-, Complete- and Remove-MgUploadSession.</summary>
    public required string Id { get; init; }

    /// <summary>The name that the file gets at its destination; the file's own where that is not known.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Where it goes: the path of what made the session and the name in its body, or the host of the upload URL.</summary>
    public required string Destination { get; init; }

    /// <summary>The back end: drive, outlook, todo or print.</summary>
    public required string Family { get; init; }

    /// <summary>Running (a process sends it now), Interrupted, Complete (only the commit is left) or Expired.</summary>
    public required string State { get; init; }

    /// <summary>Bytes in the file; nothing where it has never been there to look at.</summary>
    public long? Length { get; init; }

    /// <summary>Bytes that the service had when it was last noted, or asked.</summary>
    public long BytesDone { get; init; }

    /// <summary>The same as a part of 100.</summary>
    public int PercentComplete => Results.Percent.Of(BytesDone, Length ?? 0);

    /// <summary>When the upload began.</summary>
    public DateTime? Created { get; init; }

    /// <summary>When the service gives the session up.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>What is done to it, in words: the file, and where to.</summary>
    internal virtual string InWords => $"{(Path.Length > 0 ? Path : Name)} to {Destination}";
}
