using System;
using System.Runtime.InteropServices;

namespace MgUpload.Native;

/// <summary>The system that this process runs on.</summary>
public static class Platform
{
    /// <summary>As the folders of the module name it: by this process, which may not be of the machine's own architecture.</summary>
    public static string Rid { get; } = $"{Family}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string Family => OperatingSystem.IsWindows() ? "win"
        : OperatingSystem.IsMacOS() ? "osx"
        : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
        : "linux";
}
