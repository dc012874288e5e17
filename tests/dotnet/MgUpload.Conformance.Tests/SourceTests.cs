using System;
using System.IO;
using System.Linq;
using System.Threading;
using MgUpload.Native;
using MgUpload.Sources;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>Bytes that come from no file, and streams that are one.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mgupload-tests");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void SpooledBytesAreOnDiskForTheUserAloneUntilTheyAreLetGo()
    {
        string path;
        using (var spool = new SpoolFile(10))
        {
            spool.Write([1, 2, 3]);
            spool.Write([4]);
            path = spool.Close();
            Assert.Equal(4, spool.Length);
            Assert.Equal([1, 2, 3, 4], ReadShared(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        Assert.False(File.Exists(path));
    }

    /// <summary>As the core reads it: on Windows the spool keeps it open.</summary>
    private static byte[] ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    [Fact]
    public void NotOneByteMoreThanTheLimitIsSpooled()
    {
        using var spool = new SpoolFile(10);
        spool.Write(new byte[6]);
        Assert.Equal(ErrorKind.InvalidInput, Assert.Throws<MgUploadException>(() => spool.Write(new byte[5])).Kind);
        Assert.Equal(6, spool.Length);
        spool.Write(new byte[4]);
        Assert.Equal(10, spool.Length);
        Assert.Throws<MgUploadException>(() => spool.Write(new byte[1]));
        Assert.Equal(10, new FileInfo(spool.Close()).Length);
    }

    [Fact]
    public void AStreamThatIsTooLongByItsOwnWordIsNotRead()
    {
        using var spool = new SpoolFile(10);
        using var stream = new MemoryStream(new byte[11]);
        Assert.Throws<MgUploadException>(() => spool.Write(stream, 11, CancellationToken.None));
        Assert.Equal(0, stream.Position);
        spool.Write(new MemoryStream(new byte[10]), 10, CancellationToken.None);
        Assert.Equal(10, spool.Length);
    }

    [Fact]
    public void AStreamThatIsLongerThanItWasSaidToBeIsNotReadToItsEnd()
    {
        using var spool = new SpoolFile(long.MaxValue);
        using var stream = new MemoryStream(new byte[1_000_000]);
        spool.Write(stream, 5, CancellationToken.None);
        Assert.InRange(spool.Length, 6, 200_000);
        Assert.Equal(spool.Length, stream.Position);
    }

    [Fact]
    public void AWholeFileIsReadUnderItsOwnName()
    {
        string path = Path.Combine(_folder.FullName, "a");
        using FileStream file = File.Open(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Write([1, 2, 3]);
        Assert.Null(OpenFile.PathOf(file));
        file.Position = 0;
        Assert.Equal(path, OpenFile.PathOf(file));
        Assert.Equal(3, new FileInfo(path).Length);
        Assert.Null(OpenFile.PathOf(new MemoryStream()));
        // Another file has taken its name.
        File.Move(path, path + ".old");
        File.WriteAllBytes(path, [1, 2, 3, 4]);
        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path + ".old"));
        Assert.Null(OpenFile.PathOf(file));
        File.WriteAllBytes(path, [4, 5, 6]);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        Assert.Null(OpenFile.PathOf(file));
        File.Delete(path);
        Assert.Null(OpenFile.PathOf(file));
    }
}
