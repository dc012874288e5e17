namespace MgUpload.Native;

/// <summary>The files of a tree are more than what their folder holds and what is free there.</summary>
/// <param name="Bytes">Their bytes, all shards' together.</param>
/// <param name="Free">Bytes that are free there.</param>
public sealed record ShortOfSpaceEvent(long Bytes, long Free) : OperationEvent;
