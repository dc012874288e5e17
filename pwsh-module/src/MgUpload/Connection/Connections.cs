using System;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace MgUpload.Connection;

/// <summary>
/// Which connection a cmdlet uses that names none: the one that its own runspace has made, else the process's. The process's is the
/// one of the runspace that first made one and still lives: the runspaces of ForEach-Object -Parallel find it there, and one
/// that connects elsewhere changes nothing for the others.
/// </summary>
internal static class Connections
{
    private static readonly object s_gate = new();
    private static readonly ConditionalWeakTable<Runspace, GraphConnection> s_own = new();
    private static GraphConnection? s_shared;
    private static WeakReference<Runspace>? s_sharedBy;

    /// <summary>The connection of whoever asks; null where there is none.</summary>
    internal static GraphConnection? Current
    {
        get
        {
            lock (s_gate)
            {
                GraphConnection? own = Runspace.DefaultRunspace is { } here && s_own.TryGetValue(here, out GraphConnection? found) ? found : null;
                return own is { IsClosed: false } ? own : s_shared is { IsClosed: false } ? s_shared : null;
            }
        }
    }

    /// <summary>Lets go of a connection that was closed: what it holds open ends with the last session that has it.</summary>
    internal static void Forget(GraphConnection closed)
    {
        lock (s_gate)
        {
            if (ReferenceEquals(s_shared, closed))
            {
                s_shared = null;
                s_sharedBy = null;
            }
            foreach ((Runspace runspace, GraphConnection own) in s_own)
            {
                if (ReferenceEquals(own, closed))
                {
                    s_own.Remove(runspace);
                    break;
                }
            }
        }
    }

    /// <summary>Makes a connection the one that this runspace uses. The one before it goes on for those that hold it.</summary>
    internal static void Use(GraphConnection connection)
    {
        Runspace? here = Runspace.DefaultRunspace;
        lock (s_gate)
        {
            if (here is not null)
            {
                s_own.AddOrUpdate(here, connection);
            }
            bool isAnothers = s_shared is { IsClosed: false } && s_sharedBy is not null && s_sharedBy.TryGetTarget(out Runspace? owner)
                && owner != here && owner.RunspaceStateInfo.State == RunspaceState.Opened;
            if (!isAnothers)
            {
                s_shared = connection;
                s_sharedBy = here is null ? null : new WeakReference<Runspace>(here);
            }
        }
    }
}
