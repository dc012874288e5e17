using System;
using System.IO;

namespace MgUpload.Sources;

/// <summary>A stream that is a whole file needs no copy: the core can read the file itself.</summary>
internal static class OpenFile
{
    /// <summary>The path under which the very bytes of a stream can be read; null where they have to be copied.</summary>
    internal static string? PathOf(Stream stream)
    {
        // A file of length 0 may have bytes all the same, as those of /proc do: reading it tells.
        if (stream is not FileStream { CanSeek: true, Position: 0, Length: > 0 } file)
        {
            return null;
        }
        try
        {
            string path = Path.GetFullPath(file.Name);
            if (file.CanWrite)
            {
                file.Flush();
            }
            using FileStream other = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // The file may have been moved, and another may have taken its name.
            bool isSame = other.Length == file.Length && File.GetLastWriteTimeUtc(other.SafeFileHandle) == File.GetLastWriteTimeUtc(file.SafeFileHandle);
            return isSame ? path : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
