namespace MgUpload.Native;

/// <summary>The files of a tree at one moment.</summary>
/// <param name="Done">Files that are settled.</param>
/// <param name="Known">Files that are known of, those among them.</param>
/// <param name="AllKnown">Whether all are; before that, their number and their bytes grow.</param>
public sealed record FileCounts(long Done, long Known, bool AllKnown);
