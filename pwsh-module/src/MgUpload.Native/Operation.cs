using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using MgUpload.Native.Abi;

namespace MgUpload.Native;

/// <summary>Work that runs: wait for it, cancel it, take its result.</summary>
public sealed class Operation : IDisposable
{
    private const int StatusOk = 0;
    private const int StatusPending = 1;
    private const int StatusEnd = 2;
    private const int StatusTokenWanted = 3;

    private readonly OperationHandle _handle;

    internal Operation(OperationHandle handle, UploadClient client)
    {
        _handle = handle;
        Client = client;
    }

    /// <summary>The client that has started it.</summary>
    public UploadClient Client { get; }

    /// <summary>The token that it waits for, as the last <see cref="Wait"/> has seen; null where it waits for none.</summary>
    public TokenWanted? Wanted { get; private set; }

    /// <summary>What the last <see cref="Wait"/> has seen, also where it threw: after the end, the final figures.</summary>
    public Progress LastSeen { get; private set; }

    /// <summary>Waits until the work is done or the time is over; true when it is done.</summary>
    /// <exception cref="MgUploadException">The work failed or was cancelled.</exception>
    public bool Wait(TimeSpan time, out Progress progress)
    {
        var native = new NativeProgress { Size = (nuint)Unsafe.SizeOf<NativeProgress>() };
        int status = NativeMethods.OperationWait(_handle, checked((uint)(time.Ticks / TimeSpan.TicksPerMillisecond)), ref native);
        progress = new Progress(
            checked((long)native.BytesDone),
            checked((long)native.BytesTotal),
            checked((long)native.Requests),
            checked((long)native.Retries),
            EventReader.Milliseconds(native.WaitMillis),
            native.Phase <= (uint)Phase.Done ? (Phase)native.Phase : Phase.Starting,
            Enum.IsDefined((PauseReason)native.WaitReason) ? (PauseReason)native.WaitReason : PauseReason.Unclear,
            native.WaitStatus == 0 ? null : (int)native.WaitStatus,
            native.FilesKnown == 0 && native.FilesWalked == 0 ? null : new FileCounts(checked((long)native.FilesDone), checked((long)native.FilesKnown), native.FilesWalked != 0));
        LastSeen = progress;
        Wanted = status == StatusTokenWanted ? ReadWanted() : null;
        return status switch
        {
            StatusPending or StatusTokenWanted => false,
            StatusOk => true,
            _ => throw Failed(status),
        };
    }

    private TokenWanted? ReadWanted()
    {
        bool isRef = false;
        try
        {
            // The text is the operation's, whoever disposes of it meanwhile.
            _handle.DangerousAddRef(ref isRef);
            int status = NativeMethods.OperationTokenWanted(_handle, out ulong number, out int lack, out NativeText claims);
            return status == StatusTokenWanted ? new TokenWanted(number, (TokenLack)lack, claims.ToString() is { Length: > 0 } text ? text : null) : null;
        }
        finally
        {
            if (isRef)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>Takes what has happened since this was last called, the oldest first; by one thread at a time.</summary>
    public IReadOnlyList<OperationEvent> TakeEvents()
    {
        return EventReader.Read(Borrowed(NativeMethods.OperationEvents));
    }

    /// <summary>Takes a tree's next row, as JSON, and waits for it; by one thread at a time.</summary>
    /// <param name="time">How long it is waited for.</param>
    /// <param name="row">The row; null where none has come yet.</param>
    /// <returns>False after the last.</returns>
    public bool Next(TimeSpan time, out string? row)
    {
        (bool isOver, row) = Held(() =>
        {
            int status = NativeMethods.TreeNext(_handle, checked((uint)(time.Ticks / TimeSpan.TicksPerMillisecond)), out NativeText json, out ErrorHandle error);
            Failure.ThrowIf(status is StatusPending or StatusEnd ? StatusOk : status, error);
            return (status == StatusEnd, status == StatusOk ? json.ToString() : null);
        });
        return !isOver;
    }

    /// <summary>A tree's files that are being sent now, as JSON; by one thread at a time.</summary>
    public string Running() => Borrowed(NativeMethods.TreeRunning);

    /// <summary>Asks the work to stop; returns at once and may be called from any thread, any number of times.</summary>
    public void Cancel()
    {
        try
        {
            NativeMethods.OperationCancel(_handle);
        }
        catch (ObjectDisposedException)
        {
            // A cancel that comes after the end finds nothing to cancel.
        }
    }

    /// <summary>The result, as JSON; only after <see cref="Wait"/> said that the work is done.</summary>
    public string Result()
    {
        return Borrowed(NativeMethods.OperationResult);
    }

    /// <summary>Lets go of the work; what still runs is cancelled and not waited for.</summary>
    public void Dispose() => _handle.Dispose();

    private string Borrowed(Text text) => Held(() =>
    {
        int status = text(_handle, out NativeText json);
        return status == StatusOk ? json.ToString() : throw Failed(status);
    });

    private MgUploadException Failed(int status) => Held(() => Failure.Of(status, NativeMethods.OperationError(_handle)));

    /// <summary>Texts are borrowed from the operation: it is not freed before they are copied, whoever disposes of it meanwhile.</summary>
    private T Held<T>(Func<T> read)
    {
        bool isHeld = false;
        try
        {
            _handle.DangerousAddRef(ref isHeld);
            return read();
        }
        finally
        {
            if (isHeld)
            {
                _handle.DangerousRelease();
            }
        }
    }

    private delegate int Text(OperationHandle operation, out NativeText json);
}
