namespace MgUpload;

/// <summary>What a file came to that was printed.</summary>
public sealed class PrintJobResult : ItemResult
{
    /// <summary>The id of its job; null where none was started.</summary>
    public string? JobId { get; init; }

    /// <summary>How the job stood when it was last asked about: pending, processing, completed, aborted and so on; unknown where that got no answer.</summary>
    public string? State { get; init; }
}
