using System;
using System.Runtime.CompilerServices;
using MgUpload.Native.Abi;

namespace MgUpload.Native;

/// <summary>A connection to Graph: an endpoint, a token, and the pool of sockets behind them.</summary>
public sealed class UploadClient : IDisposable
{
    private readonly ClientHandle _handle;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    public UploadClient(ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Library.Check();
        IsRouted = options.Proxy is null;
        using var arena = new TextArena();
        var native = new NativeClientOptions
        {
            Size = (nuint)Unsafe.SizeOf<NativeClientOptions>(),
            GraphEndpoint = arena.Add(options.GraphEndpoint.OriginalString),
            UserAgent = arena.Add(options.UserAgent),
            Proxy = arena.Add(options.Proxy?.OriginalString),
            ProxyUser = arena.Add(options.ProxyUser),
            ProxyPassword = arena.Add(options.ProxyPassword),
            StateFolder = arena.Add(options.StateFolder),
            NoProxy = arena.Add(options.NoProxy),
            CaFile = arena.Add(options.CertificateFile),
            TokenWaitMillis = Millis(options.TokenWait),
            ConnectTimeoutMillis = Millis(options.ConnectTimeout),
            IdleTimeoutMillis = Millis(options.IdleTimeout),
        };
        int status = NativeMethods.ClientNew(native, out _handle, out ErrorHandle error);
        Failure.ThrowIf(status, error);
    }

    private delegate int Start(ClientHandle client, NativeText text, out OperationHandle operation, out ErrorHandle error);

    private delegate int StartWithFile(ClientHandle client, NativeText text, NativeText path, in NativeUploadOptions options, out OperationHandle operation, out ErrorHandle error);

    /// <summary>The version of the native library.</summary>
    public static string NativeVersion
    {
        get
        {
            Library.Check();
            return NativeMethods.Version().ToString();
        }
    }

    /// <summary>Whether <see cref="SetRoute"/> decides: no proxy is named.</summary>
    public bool IsRouted { get; }

    /// <summary>Sets the proxy for a host, or, where that is empty, for all that have none of their own; an empty one means none.</summary>
    public void SetRoute(string host, string proxy)
    {
        using var arena = new TextArena();
        int status = NativeMethods.ClientSetRoute(_handle, arena.Add(host), arena.Add(proxy), out ErrorHandle error);
        Failure.ThrowIf(status, error);
    }

    /// <summary>Sets the access token; an empty one forgets it.</summary>
    public void SetToken(ReadOnlySpan<char> token)
    {
        using var arena = new TextArena();
        int status = NativeMethods.ClientSetToken(_handle, arena.Add(token), out ErrorHandle error);
        Failure.ThrowIf(status, error);
    }

    /// <summary>Answers what <see cref="Operation.Wanted"/> asks; an empty token says that there is none to be had. The first answer holds.</summary>
    public void AnswerToken(ulong number, ReadOnlySpan<char> token, TimeSpan? lives)
    {
        using var arena = new TextArena();
        ulong millis = lives is { Ticks: > 0 } left ? Millis(left) : 0;
        int status = NativeMethods.ClientAnswerToken(_handle, number, arena.Add(token), millis, out ErrorHandle error);
        Failure.ThrowIf(status, error);
    }

    /// <summary>Starts to create a session.</summary>
    public Operation StartCreate(string request) => Run(NativeMethods.SessionCreateStart, request);

    /// <summary>Works out what would be sent to create a session; sends nothing.</summary>
    public Operation StartDescribe(string request) => Run(NativeMethods.SessionDescribeStart, request);

    /// <summary>Reads an answer that the caller fetched by itself as if <see cref="StartCreate"/> had.</summary>
    public Operation StartRead(string answer) => Run(NativeMethods.SessionReadStart, answer);

    /// <summary>Starts to ask for the state of a session.</summary>
    public Operation StartQuery(string session) => Run(NativeMethods.SessionQueryStart, session);

    /// <summary>Starts to cancel a session.</summary>
    public Operation StartCancel(string session) => Run(NativeMethods.SessionCancelStart, session);

    /// <summary>Starts to read what is open on this machine.</summary>
    public Operation StartList()
    {
        int status = NativeMethods.JournalListStart(_handle, out OperationHandle operation, out ErrorHandle error);
        Failure.ThrowIf(status, error);
        return new Operation(operation, this);
    }

    /// <summary>Starts to go on with an upload that <see cref="StartList"/> has told.</summary>
    public Operation StartResume(string id, UploadOptions options)
    {
        using var arena = new TextArena();
        int status = NativeMethods.JournalResumeStart(_handle, arena.Add(id), Native(options), out OperationHandle operation, out ErrorHandle error);
        Failure.ThrowIf(status, error);
        return new Operation(operation, this);
    }

    /// <summary>Starts to upload a file.</summary>
    public Operation StartUpload(string session, string path, UploadOptions options) => Run(NativeMethods.SessionUploadStart, session, path, options);

    /// <summary>Starts to send files and folders.</summary>
    public Operation StartTree(string request) => Run(NativeMethods.TreeStart, request);

    /// <summary>Starts to go on with a tree that <see cref="StartList"/> has told.</summary>
    public Operation StartTreeResume(string id) => Run(NativeMethods.TreeResumeStart, id);

    /// <summary>Starts to give such a tree up.</summary>
    public Operation StartTreeForget(string id) => Run(NativeMethods.TreeForgetStart, id);

    /// <summary>Starts to look at what files are to be attached to.</summary>
    public Operation StartLookAtAttachments(string request) => Run(NativeMethods.AttachmentLookStart, request);

    /// <summary>Starts to attach a file.</summary>
    public Operation StartAttach(string request, string path, UploadOptions options) => Run(NativeMethods.AttachmentSendStart, request, path, options);

    /// <summary>Starts to print a file.</summary>
    public Operation StartPrint(string request, string path, UploadOptions options) => Run(NativeMethods.PrintStart, request, path, options);

    /// <summary>Starts to ask how a print job stands.</summary>
    public Operation StartPrintState(string request) => Run(NativeMethods.PrintStateStart, request);

    /// <summary>Starts to commit a session; an empty <paramref name="conflict"/> leaves the session its own behaviour.</summary>
    public Operation StartCommit(string session, string conflict)
    {
        using var arena = new TextArena();
        int status = NativeMethods.SessionCommitStart(_handle, arena.Add(session), arena.Add(conflict), out OperationHandle operation, out ErrorHandle error);
        Failure.ThrowIf(status, error);
        return new Operation(operation, this);
    }

    /// <summary>Lets go of the client; operations that still run keep what they need.</summary>
    public void Dispose() => _handle.Dispose();

    private static ulong Millis(TimeSpan time) => checked((ulong)(time.Ticks / TimeSpan.TicksPerMillisecond));

    private static NativeUploadOptions Native(UploadOptions options) => new()
    {
        Size = (nuint)Unsafe.SizeOf<NativeUploadOptions>(),
        ChunkBytes = checked((ulong)options.ChunkBytes),
        WaitBudgetMillis = Millis(options.WaitBudget),
        MaxAttempts = checked((uint)options.MaxAttempts),
        Flags = (uint)options.Flags,
    };

    private Operation Run(StartWithFile start, string text, string path, UploadOptions options)
    {
        using var arena = new TextArena();
        int status = start(_handle, arena.Add(text), arena.Add(path), Native(options), out OperationHandle operation, out ErrorHandle error);
        Failure.ThrowIf(status, error);
        return new Operation(operation, this);
    }

    private Operation Run(Start start, string text)
    {
        using var arena = new TextArena();
        int status = start(_handle, arena.Add(text), out OperationHandle operation, out ErrorHandle error);
        Failure.ThrowIf(status, error);
        return new Operation(operation, this);
    }
}
