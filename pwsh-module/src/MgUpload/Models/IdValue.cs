namespace MgUpload.Models;

/// <summary>An id of a path: the parameter's name and what it was given.</summary>
internal sealed record IdValue(string Name, string? Value);
