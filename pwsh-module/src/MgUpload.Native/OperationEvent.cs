namespace MgUpload.Native;

/// <summary>Something that an operation has gone through. No secret is in it.</summary>
public abstract record OperationEvent;
