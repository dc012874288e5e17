using System;

namespace MgUpload.Native;

/// <summary>How an upload is done; zero is the default of the session's family.</summary>
/// <param name="ChunkBytes">Bytes in one request.</param>
/// <param name="WaitBudget">How long all pauses may take together.</param>
/// <param name="MaxAttempts">How often one request is tried.</param>
/// <param name="Flags">What else is wanted.</param>
public readonly record struct UploadOptions(long ChunkBytes = 0, TimeSpan WaitBudget = default, int MaxAttempts = 0, UploadFlags Flags = UploadFlags.None);
