using System;

namespace MgUpload.Build;

/// <summary>A step that did not work; its text is all that the user needs to see.</summary>
internal sealed class BuildFailure(string message, int status = 1) : Exception(message)
{
    /// <summary>The exit status that it leads to.</summary>
    public int Status { get; } = status;
}
