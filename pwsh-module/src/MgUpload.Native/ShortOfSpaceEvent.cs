namespace MgUpload.Native;

/// <summary>The files of a tree take more than is free where they go.</summary>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Free">Bytes that are free there.</param>
public sealed record ShortOfSpaceEvent(long Bytes, long Free) : OperationEvent;
