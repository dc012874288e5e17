namespace MgUpload.Native;

/// <summary>Events that nobody took in time.</summary>
/// <param name="Count">How many.</param>
public sealed record DroppedEvent(long Count) : OperationEvent;
