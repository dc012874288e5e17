namespace MgUpload.Models;

/// <summary>A named value.</summary>
/// <remarks>A class: what the framework's collections do with structs is compiled only when it is needed, on the user's time.</remarks>
internal sealed record Property(string Name, object? Value);
