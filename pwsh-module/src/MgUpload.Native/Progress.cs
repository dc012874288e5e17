using System;

namespace MgUpload.Native;

/// <summary>How far an operation has come.</summary>
/// <param name="BytesDone">Bytes that the service has.</param>
/// <param name="BytesTotal">Bytes in all; 0 while that is not known.</param>
/// <param name="Requests">Requests sent so far.</param>
/// <param name="Retries">How many of them were repetitions.</param>
/// <param name="Pause">What is left of the pause that is in force; zero when there is none.</param>
/// <param name="Phase">What is being done.</param>
/// <param name="Reason">Why it pauses.</param>
/// <param name="Status">The HTTP status that has led to the pause; null for none.</param>
/// <param name="Files">Of a tree: its files; null of a single one.</param>
public readonly record struct Progress(
    long BytesDone,
    long BytesTotal,
    long Requests,
    long Retries,
    TimeSpan Pause,
    Phase Phase,
    PauseReason Reason = PauseReason.None,
    int? Status = null,
    FileCounts? Files = null);
