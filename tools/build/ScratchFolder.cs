using System;
using System.IO;
using System.Security.Cryptography;

namespace MgUpload.Build;

/// <summary>A folder for files of random bytes, and for whatever else goes away with it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mgupload-");

    public string FullName => _folder.FullName;

    /// <summary>The file's SHA-256 as the stand-in writes it.</summary>
    public static string Hash(string file)
    {
        using FileStream bytes = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();
    }

    public string MakeFile(string name, long length)
    {
        string path = Path.Combine(_folder.FullName, name);
        using FileStream file = File.Create(path);
        var buffer = new byte[1024 * 1024];
        for (long left = length; left > 0;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            RandomNumberGenerator.Fill(part);
            file.Write(part);
            left -= part.Length;
        }
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
