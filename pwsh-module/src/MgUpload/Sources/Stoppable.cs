using System;
using System.Threading;
using System.Threading.Tasks;

namespace MgUpload.Sources;

/// <summary>Work that may block for as long as it likes: a pipe that nobody writes to, a mount that does not answer.</summary>
internal static class Stoppable
{
    /// <summary>Does it on another thread. Who is stopped leaves at once; what the work still does concerns nobody any more.</summary>
    /// <exception cref="OperationCanceledException">The cmdlet was stopped.</exception>
    internal static T Run<T>(Func<T> work, CancellationToken stop)
    {
        Task<T> running = Task.Run(work, CancellationToken.None);
        try
        {
            running.Wait(stop);
        }
        catch (AggregateException)
        {
            // Thrown below as it was.
        }
        return running.GetAwaiter().GetResult();
    }
}
