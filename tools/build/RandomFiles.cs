using System;
using System.IO;
using System.Security.Cryptography;

namespace MgUpload.Build;

/// <summary>Files of random bytes in a folder of their own, which goes away with them.</summary>
internal sealed class RandomFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mgupload-");

    /// <summary>The file's SHA-256 as the stand-in writes it.</summary>
    public static string Hash(string file)
    {
        using FileStream bytes = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();
    }

    public string Make(string name, long length)
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
