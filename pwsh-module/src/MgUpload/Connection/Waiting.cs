using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace MgUpload.Connection;

/// <summary>Waits on the pipeline's thread for work that goes on elsewhere, and does there what only this thread may do.</summary>
internal sealed class Waiting
{
    private const int LookMillis = 50;

    private readonly ConcurrentQueue<Action> _said = new();

    /// <summary>Called from the work, on any thread.</summary>
    internal void Say(Action show) => _said.Enqueue(show);

    /// <exception cref="OperationCanceledException">The user has stopped it.</exception>
    internal T For<T>(Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        // Its first part too may block, or look for a context that this thread must serve.
        Task<T> running = Task.Run(() => work(stop), stop);
        while (Task.WaitAny(new Task[] { running }, LookMillis, stop) < 0)
        {
            Show();
        }
        Show();
        return running.GetAwaiter().GetResult();
    }

    private void Show()
    {
        while (_said.TryDequeue(out Action? show))
        {
            show();
        }
    }
}
