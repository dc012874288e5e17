using System;
using System.IO;
using System.Threading;
using MgUpload.Native;

namespace MgUpload.Sources;

/// <summary>
/// Bytes that come from no file, in a temporary one: the user's alone, bounded, and gone with this object. The core reads
/// files, for it has to read a range again when a request fails.
/// </summary>
internal sealed class SpoolFile(long limit) : IDisposable
{
    private const int Block = 128 * 1024;

    /// <summary>Windows deletes a file when the last who has it open closes it, or dies; so it stays open here, and the core opens it too.</summary>
    private static readonly bool s_isDeletedOnClose = OperatingSystem.IsWindows();

    private FileStream? _file;
    private string? _path;

    internal long Length { get; private set; }

    /// <summary>Puts all that is written on disk, for others to read, and says where.</summary>
    internal string Close()
    {
        Open();
        try
        {
            _file!.Flush();
            if (!s_isDeletedOnClose)
            {
                _file.Dispose();
            }
        }
        catch (IOException error)
        {
            // What was held back found no room.
            throw Failed(error);
        }
        return _path!;
    }

    /// <exception cref="MgUploadException">There are more bytes than the limit allows.</exception>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        Check(Length + bytes.Length);
        try
        {
            Open();
            _file!.Write(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(error);
        }
        Length += bytes.Length;
    }

    /// <summary>Takes a stream from where it stands to its end; not one byte more than <paramref name="expected"/> is needed to see that it is longer.</summary>
    internal void Write(Stream stream, long? expected, CancellationToken stop)
    {
        Check(expected ?? 0);
        byte[] block = new byte[Block];
        int read;
        while (Length <= (expected ?? long.MaxValue) && (read = Read(stream, block, stop)) > 0)
        {
            Write(block.AsSpan(0, read));
        }
    }

    /// <summary>What cannot be deleted is left to the system, which cleans its folder for temporary files.</summary>
    public void Dispose()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // The disk is full, and what was still to be written is not needed.
        }
        try
        {
            if (_path is not null && !s_isDeletedOnClose)
            {
                File.Delete(_path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    private static int Read(Stream stream, byte[] block, CancellationToken stop)
    {
        try
        {
            return Stoppable.Run(() => stream.ReadAsync(block, stop).AsTask().GetAwaiter().GetResult(), stop);
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ObjectDisposedException or InvalidOperationException)
        {
            throw new MgUploadException(ErrorKind.SourceDenied, $"The stream cannot be read: {error.Message}", error) { Advice = "Pass an open stream that can be read." };
        }
    }

    private void Open()
    {
        if (_path is not null)
        {
            return;
        }
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = Block };
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
            options.Share = FileShare.Read | FileShare.Delete;
        }
        else
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        string path = Path.Combine(Path.GetTempPath(), $"mgupload-{Guid.NewGuid():N}.tmp");
        try
        {
            _file = new FileStream(path, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(error);
        }
        _path = path;
    }

    private void Check(long length)
    {
        if (length > limit)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"There are more bytes than the {limit} that may be spooled to a temporary file.")
            {
                Advice = "Write the bytes to a file and send it with -Path, or raise -SpoolLimit.",
            };
        }
    }

    private static MgUploadException Failed(Exception error) => new(ErrorKind.SourceDenied, $"The bytes cannot be spooled to {Path.GetTempPath()}: {error.Message}", error)
    {
        Advice = "Free space there, or let TMPDIR (on Windows TMP) name another folder.",
    };
}
