using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// Where a connection's tokens come from, and the clients that have the present one. Closing keeps newcomers out; the token is wiped
/// once the last cmdlet is done that uses it, so that nobody loses it in the middle of an upload.
/// </summary>
internal sealed class TokenHolder(ITokenSource source)
{
    private readonly object _gate = new();
    private readonly List<Served> _clients = [];
    /// <summary>One cmdlet at a time asks for a token; who comes meanwhile takes what it got.</summary>
    private readonly SemaphoreSlim _asking = new(1, 1);
    private GraphToken? _token;
    private int _users;
    private bool _isClosed;

    internal bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>The present token; null where there is none.</summary>
    internal GraphToken? Present
    {
        get
        {
            lock (_gate)
            {
                return _token;
            }
        }
    }

    /// <summary>Serves a client: what it wants is answered by <see cref="Answer"/>.</summary>
    internal void Serve(UploadClient client)
    {
        lock (_gate)
        {
            _clients.Add(new Served(client));
        }
    }

    internal bool Serves(UploadClient client) => Find(client) is not null;

    /// <summary>Throws where what was begun by this connection may not go on: a borrowed session that is another one now.</summary>
    internal void Check(Asker asker) => source.Check(asker);

    /// <summary>Sees to it that there is a token that is good for a while. Called by those that have entered.</summary>
    internal void Fill(Asker asker)
    {
        source.Check(asker);
        _asking.Wait(asker.Stop);
        try
        {
            if (Present is not { IsEnding: false })
            {
                Keep(source.Get(asker, null));
            }
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Gives a client the token that one of its operations waits for. Many may ask the same: the source is asked once.</summary>
    internal void Answer(Asker asker, UploadClient client, TokenWanted wanted)
    {
        Served served = Find(client)!;
        source.Check(asker);
        _asking.Wait(asker.Stop);
        try
        {
            if (wanted.Number <= served.Answered)
            {
                return;
            }
            // One that this client has not had yet is newer than what it has asked about.
            bool isFresh = Present is { IsEnding: false } && !ReferenceEquals(Present, served.Has);
            if (!isFresh)
            {
                Keep(source.Get(asker, wanted.Lack == TokenLack.Refused ? new Refusal(wanted.Claims) : null));
            }
            lock (_gate)
            {
                (served.Answered, served.Has) = (wanted.Number, _token);
                SecureText.Read(_token!.Text, text => client.AnswerToken(wanted.Number, text, _token.Lives));
            }
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Lends the characters; only between <see cref="Fill"/> and <see cref="Leave"/>.</summary>
    internal void Read(SecureText.Reader reader)
    {
        lock (_gate)
        {
            SecureText.Read(_token!.Text, reader);
        }
    }

    /// <summary>Begins to use it; false where it is closed.</summary>
    internal bool Enter()
    {
        lock (_gate)
        {
            _users += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            _users--;
            WipeIfUnused();
        }
    }

    /// <summary>Keeps newcomers out, and later processes; a second time it does nothing.</summary>
    internal void Close(Action<string> warn)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
            _isClosed = true;
            WipeIfUnused();
        }
        source.Forget(warn);
    }

    private Served? Find(UploadClient client)
    {
        lock (_gate)
        {
            return _clients.FirstOrDefault(served => ReferenceEquals(served.Client, client));
        }
    }

    private void Keep(GraphToken token)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_token, token))
            {
                _token?.Dispose();
                _token = token;
            }
        }
    }

    private void WipeIfUnused()
    {
        if (_users > 0 || (source.IsKept && !_isClosed))
        {
            return;
        }
        foreach (Served served in _clients)
        {
            served.Client.SetToken([]);
            served.Has = null;
        }
        _token?.Dispose();
        _token = null;
        if (_isClosed)
        {
            source.Dispose();
        }
    }

    /// <summary>A client, the question that was last answered, and the token that it has.</summary>
    private sealed class Served(UploadClient client)
    {
        internal UploadClient Client { get; } = client;

        internal ulong Answered { get; set; }

        internal GraphToken? Has { get; set; }
    }
}
