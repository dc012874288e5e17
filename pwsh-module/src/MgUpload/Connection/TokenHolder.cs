using System.Collections.Generic;
using System.Security;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// A token and the clients that have it. Closing keeps newcomers out; the token is wiped once the last cmdlet is done that uses
/// it, so that nobody loses it in the middle of an upload.
/// </summary>
internal sealed class TokenHolder(SecureString token)
{
    private readonly object _gate = new();
    private readonly List<UploadClient> _clients = [];
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

    /// <summary>Gives the token to a client, which has it until it is wiped.</summary>
    internal void Serve(UploadClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
            if (!IsWiped)
            {
                SecureText.Read(token, client.SetToken);
            }
        }
    }

    /// <summary>Lends the characters.</summary>
    internal void Read(SecureText.Reader reader) => SecureText.Read(token, reader);

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

    private bool IsWiped => _isClosed && _users == 0;

    private void WipeIfUnused()
    {
        if (IsWiped)
        {
            _clients.ForEach(static client => client.SetToken([]));
            token.Dispose();
        }
    }
}
