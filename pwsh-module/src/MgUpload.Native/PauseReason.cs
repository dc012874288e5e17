namespace MgUpload.Native;

/// <summary>Why an operation pauses, in the numbers of the C ABI (<c>mgu_wait_reason</c>).</summary>
public enum PauseReason
{
    /// <summary>It does not.</summary>
    None = 0,

    /// <summary>The service asks to slow down (429).</summary>
    Throttled = 1,

    /// <summary>The service is in trouble (5xx, 408).</summary>
    ServerFault = 2,

    /// <summary>A request or its answer broke off.</summary>
    ConnectionLost = 3,

    /// <summary>No connection could be made.</summary>
    NoConnection = 4,

    /// <summary>The service has told how few requests are left.</summary>
    Paced = 5,

    /// <summary>The item is locked.</summary>
    Locked = 6,

    /// <summary>The service does not know the session: a new one not yet, another one perhaps no more.</summary>
    UnknownSession = 7,

    /// <summary>The session that is to be replaced still holds the name.</summary>
    NameTaken = 8,

    /// <summary>An answer did not say where the upload stands.</summary>
    Unclear = 9,

    /// <summary>Nothing moved any more.</summary>
    Silent = 10,
}
