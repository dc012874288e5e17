using System;

namespace MgUpload.Native;

/// <summary>A pause has begun.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Status">The status that has led to it; null for none.</param>
/// <param name="Pause">How long it is.</param>
public sealed record PauseEvent(PauseReason Reason, int? Status, TimeSpan Pause) : OperationEvent;
