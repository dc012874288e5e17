using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using MgUpload.Native;

namespace MgUpload.Sources;

/// <summary>From paths as PowerShell has them to those of the file system.</summary>
internal static class SourcePaths
{
    /// <summary>By what a path counts as named before. On macOS volumes differ: there a file is rather sent twice than lost.</summary>
    internal static StringComparer Once { get; } = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Whether two spellings are one path: where nobody chooses otherwise, Windows and macOS tell no letters apart by their case.</summary>
    internal static StringComparison Comparison { get; } =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Whether two full paths are the same.</summary>
    internal static bool AreSame(string one, string other) =>
        string.Equals(Path.TrimEndingDirectorySeparator(one), Path.TrimEndingDirectorySeparator(other), Comparison);

    /// <summary>Whether a full path is that of a folder, or of something in it.</summary>
    internal static bool IsWithin(string path, string folder) =>
        AreSame(path, folder) || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, Comparison);

    /// <summary>What a path with wildcards leads to: one thing at least.</summary>
    internal static IReadOnlyCollection<string> Expanded(PathIntrinsics paths, string path)
    {
        try
        {
            IReadOnlyCollection<string> found = paths.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            CheckProvider(path, provider);
            if (found.Count > 0)
            {
                return found;
            }
        }
        catch (ItemNotFoundException)
        {
            // Said below, as for a pattern that matches nothing.
        }
        throw new MgUploadException(ErrorKind.SourceMissing, $"Nothing is at {path}.") { Advice = "Check the path; where its * ? [ ] are no wildcards, give it with -LiteralPath." };
    }

    /// <summary>A path as the file system has it; wildcards are plain characters, other providers are refused.</summary>
    internal static string Literal(PathIntrinsics paths, string path)
    {
        // On Unix such a path means the same everywhere. PowerShell reads the list of all mounts for each path that it
        // is asked about: a tenth of a millisecond.
        if (!OperatingSystem.IsWindows() && path is ['/', not '/', ..] && path.AsSpan().IndexOfAny(":\\\0") < 0)
        {
            return Path.GetFullPath(path);
        }
        string full = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        CheckProvider(path, provider);
        return full;
    }

    private static void CheckProvider(string path, ProviderInfo provider)
    {
        if (provider.Name != "FileSystem")
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"{path} is no path of the file system.") { Advice = "Pass paths of files and folders." };
        }
    }
}
