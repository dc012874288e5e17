using System.Collections.Generic;
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
    private readonly List<UploadClient> _clients = [];
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

    /// <summary>Keeps a client supplied.</summary>
    internal void Serve(UploadClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
            if (_token is not null)
            {
                SecureText.Read(_token.Text, client.SetToken);
            }
        }
    }

    /// <summary>Sees to it that there is a token that is good for a while. Called by those that have entered.</summary>
    internal void Fill(Asker asker)
    {
        source.Check(asker);
        if (Present is { IsEnding: false })
        {
            return;
        }
        _asking.Wait(asker.Stop);
        try
        {
            if (Present is not { IsEnding: false })
            {
                Put(source.Get(asker, null));
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

    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            WipeIfUnused();
        }
    }

    private void Put(GraphToken token)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_token, token))
            {
                _token?.Dispose();
                _token = token;
            }
            SecureText.Read(token.Text, text =>
            {
                foreach (UploadClient client in _clients)
                {
                    client.SetToken(text);
                }
            });
        }
    }

    private void WipeIfUnused()
    {
        if (_users > 0 || (source.IsKept && !_isClosed))
        {
            return;
        }
        _clients.ForEach(static client => client.SetToken([]));
        _token?.Dispose();
        _token = null;
        if (_isClosed)
        {
            source.Dispose();
        }
    }
}
