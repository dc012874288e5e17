using System;
using System.Linq;
using System.Text.RegularExpressions;

namespace MgUpload.Native.Abi;

/// <summary>Why the native library cannot be loaded, in words for who installed it.</summary>
internal static partial class LoadFailure
{
    /// <summary>
    /// One sentence: that the module is for other systems, which glibc it needs, or what the loader says. <paramref name="others"/>:
    /// the systems that the module is for, where it has no library for this one.
    /// </summary>
    internal static string Describe(string path, string[]? others, string system, string loader)
    {
        if (others is { Length: > 0 } && !others.Contains(system))
        {
            return $"This module is for {string.Join(", ", others)}, and this PowerShell is {system}.";
        }
        // The loader names each version that is missing; the newest is what is needed.
        Version[] missing = [.. Glibc().Matches(loader).Select(found => Version.Parse(found.Groups[1].ValueSpan))];
        return missing.Length > 0
            ? $"{path} needs glibc {missing.Max()} or later, and this system has an older one."
            : $"{path} cannot be loaded: {loader.TrimEnd()}";
    }

    /// <summary>What to do about it.</summary>
    internal static string Advice(string system) =>
        $"Install the package that has a library for {system}, or build the module on this system: ./build.sh build, on Windows ./build.ps1 build.";

    [GeneratedRegex(@"GLIBC_(\d+\.\d+)[^)\n]{0,3} not found", RegexOptions.CultureInvariant)]
    private static partial Regex Glibc();
}
