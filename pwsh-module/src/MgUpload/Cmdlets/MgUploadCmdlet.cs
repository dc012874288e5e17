using System;
using System.Management.Automation;
using System.Text.Json;
using System.Threading;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>What all cmdlets share: one wait loop, one way to stop, one way from a failure to an error record.</summary>
public abstract partial class MgUploadCmdlet : PSCmdlet, IDisposable
{
    /// <summary>A short first look, so that quick work shows no progress and is not waited for.</summary>
    private static readonly TimeSpan s_firstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    /// <summary>How long a stopped cmdlet waits for what it has stopped: a file on a mount that does not answer is let go of when it answers.</summary>
    private static readonly TimeSpan s_leave = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();

    private protected MgUploadCmdlet()
    {
    }

    /// <summary>Set once the user has pressed Ctrl+C.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <summary>How far the work had come when it was last looked at.</summary>
    private protected Progress LastSeen { get; private set; }

    /// <summary>Whether the work was left before it had come to its end.</summary>
    private protected bool HasLeft { get; private set; }

    /// <summary>Lets go of what the cmdlet holds.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called on another thread when the user presses Ctrl+C; returns at once.</summary>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Lets go of what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <summary>Does one record's work; a failure becomes an error record, and the next record is served.</summary>
    private protected void Guard(object? target, Action work)
    {
        try
        {
            work();
        }
        catch (MgUploadException failure) when (failure.Kind == ErrorKind.Cancelled && _stop.IsCancellationRequested)
        {
            // Stopped by the user, who needs no message about it.
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The same, on the way through delegates.
        }
        catch (MgUploadException failure) when (Errors.IsFatal(failure.Kind))
        {
            Masked.Bound(MyInvocation.BoundParameters);
            ThrowTerminatingError(Errors.Record(failure, target));
        }
        catch (MgUploadException failure)
        {
            Report(Errors.Record(failure, target));
        }
        catch (RuntimeException failure) when (failure is not PipelineStoppedException)
        {
            // A script block of the user's has failed, and says so itself.
            Report(failure.ErrorRecord);
        }
        catch (Exception failure) when (failure is ArgumentException or PSInvalidCastException or JsonException)
        {
            Report(new ErrorRecord(failure, nameof(ErrorKind.InvalidInput), ErrorCategory.InvalidArgument, Masked.Of(target)));
        }
    }

    /// <summary>An error's record shows how the cmdlet was called, and is printed, logged and serialized whole.</summary>
    private protected void Report(ErrorRecord record)
    {
        Masked.Bound(MyInvocation.BoundParameters);
        WriteError(record);
    }

    /// <summary>Waits for an operation on the pipeline's own thread, the only one that may write, and gives its result.</summary>
    private protected string Await(Operation operation, Action<Progress>? report = null)
    {
        using CancellationTokenRegistration stop = _stop.Token.Register(operation.Cancel);
        try
        {
            (TimeSpan time, TimeSpan left) = (s_firstLook, s_leave);
            while (!Look(operation, time, out Progress progress))
            {
                if (_stop.IsCancellationRequested && (left -= time) <= TimeSpan.Zero)
                {
                    HasLeft = true;
                    throw new MgUploadException(ErrorKind.Cancelled, "Stopped.");
                }
                Show(() => report?.Invoke(progress));
                time = s_look;
            }
            return operation.Result();
        }
        catch (MgUploadException failure) when (failure.Kind == ErrorKind.Unauthenticated && NoToken is { } why)
        {
            NoToken = null;
            throw failure.Because(why);
        }
        finally
        {
            LastSeen = operation.LastSeen;
        }
    }

    /// <summary>The same for an operation that tells of file after file: each row is taken as soon as it has come, also where the operation then fails.</summary>
    private protected string AwaitRows(Operation operation, Action<string> take, Action<Progress> report)
    {
        using CancellationTokenRegistration stop = _stop.Token.Register(operation.Cancel);
        (long looked, long? stopped) = (0, null);
        while (operation.Next(s_look, out string? row))
        {
            if (_stop.IsCancellationRequested)
            {
                stopped ??= TimeProvider.System.GetTimestamp();
                if (TimeProvider.System.GetElapsedTime(stopped.Value) > s_leave)
                {
                    break;
                }
            }
            else if (row is not null)
            {
                try
                {
                    take(row);
                }
                catch
                {
                    // Whoever reads wants no more, such as Select-Object -First. The same command may follow at once.
                    End(operation);
                    throw;
                }
            }
            if (TimeProvider.System.GetElapsedTime(looked) >= s_look)
            {
                looked = TimeProvider.System.GetTimestamp();
                Glance(operation, report);
            }
        }
        return Await(operation);
    }

    /// <summary>Ends an operation, and gives it the time to leave what it has begun as the next one needs it.</summary>
    private static void End(Operation operation)
    {
        operation.Cancel();
        long since = TimeProvider.System.GetTimestamp();
        try
        {
            while (operation.Next(s_look, out _) && TimeProvider.System.GetElapsedTime(since) < s_leave)
            {
            }
            operation.Wait(s_leave, out _);
        }
        catch (MgUploadException)
        {
            // That it was cancelled is no news.
        }
    }

    /// <summary>Shows how far an operation is. That it has failed is told once all its rows are taken.</summary>
    private void Glance(Operation operation, Action<Progress> report)
    {
        try
        {
            Look(operation, TimeSpan.Zero, out Progress progress);
            Show(() => report(progress));
        }
        catch (MgUploadException)
        {
            LastSeen = operation.LastSeen;
        }
    }

    /// <summary>Why there was no token for the work that was last waited for; null where none was lacking.</summary>
    private protected MgUploadException? NoToken { get; set; }

    /// <summary>Answers an operation that waits for a token, on the pipeline's thread: here that there is none.</summary>
    private protected virtual void HandIn(Operation operation, TokenWanted wanted) => operation.Client.AnswerToken(wanted.Number, [], null);

    /// <summary>Waits a while, and tells what has happened meanwhile; true when the work is done.</summary>
    private bool Look(Operation operation, TimeSpan time, out Progress progress)
    {
        try
        {
            bool isDone = operation.Wait(time, out progress);
            if (operation.Wanted is { } wanted && !_stop.IsCancellationRequested)
            {
                HandIn(operation, wanted);
            }
            return isDone;
        }
        finally
        {
            Show(() =>
            {
                foreach (OperationEvent happened in operation.TakeEvents())
                {
                    Tell(happened);
                }
            });
        }
    }
}
