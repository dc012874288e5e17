using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace MgUpload.Connection;

/// <summary>A connection has been silent for too long.</summary>
internal sealed class SilentException(TimeSpan limit) : IOException($"nothing was heard for {limit.TotalSeconds:0.#} s");

/// <summary>
/// A connection of .NET's client that may be silent for so long and no longer: its own limits are for a whole request, which may be
/// slow and not silent.
/// </summary>
internal sealed class LimitedStream(Stream inner, TimeSpan limit) : Stream
{
    private readonly object _gate = new();

    /// <summary>What ends the read that is waiting; the client waits for bytes also where it has asked for none yet.</summary>
    private CancellationTokenSource? _reading;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Begin(reading);
        try
        {
            return await inner.ReadAsync(buffer, reading.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SilentException(limit);
        }
        finally
        {
            Begin(null);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        writing.CancelAfter(limit);
        try
        {
            await inner.WriteAsync(buffer, writing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SilentException(limit);
        }
        lock (_gate)
        {
            _reading?.CancelAfter(limit);
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here reads and waits.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here writes and waits.");

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("Nothing here writes and waits.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Begin(CancellationTokenSource? reading)
    {
        lock (_gate)
        {
            _reading = reading;
            reading?.CancelAfter(limit);
        }
    }
}
