namespace MgUpload.Native;

/// <summary>What went wrong, in the numbers of the C ABI (<c>mgu_status</c>).</summary>
public enum ErrorKind
{
    /// <summary>Something was asked for that cannot be done as asked.</summary>
    InvalidInput = 100,

    /// <summary>The native library is missing, or is not the one that this module was built for.</summary>
    AbiMismatch = 101,

    /// <summary>A call that the native library cannot take.</summary>
    BadCall = 102,

    /// <summary>The file is not there.</summary>
    SourceMissing = 110,

    /// <summary>The file may not be read.</summary>
    SourceDenied = 111,

    /// <summary>The file changed while it was read.</summary>
    SourceChanged = 112,

    /// <summary>What the service stored is not what was sent.</summary>
    IntegrityMismatch = 113,

    /// <summary>The folder in which open uploads are recorded cannot be used.</summary>
    StateUnusable = 120,

    /// <summary>No token, or one that is not accepted.</summary>
    Unauthenticated = 200,

    /// <summary>The token does not permit it.</summary>
    Forbidden = 201,

    /// <summary>What the request names is not there.</summary>
    NotFound = 202,

    /// <summary>Something of that name is there already.</summary>
    Conflict = 203,

    /// <summary>Too many requests.</summary>
    Throttled = 204,

    /// <summary>The service failed.</summary>
    ServerFault = 205,

    /// <summary>The session has ended.</summary>
    SessionExpired = 206,

    /// <summary>The service does not take this range of bytes.</summary>
    RangeRejected = 207,

    /// <summary>No room is left.</summary>
    QuotaExceeded = 208,

    /// <summary>An answer that makes no sense: HTML, an empty body, no item.</summary>
    UnexpectedAnswer = 209,

    /// <summary>No connection.</summary>
    Network = 300,

    /// <summary>No answer in time.</summary>
    Timeout = 301,

    /// <summary>Cancelled by the caller.</summary>
    Cancelled = 400,

    /// <summary>The system has no thread, file or memory left to give.</summary>
    OutOfResources = 500,

    /// <summary>A fault of the native library, caught before it could end the process.</summary>
    Panic = 900,

    /// <summary>Anything that this version has no name for.</summary>
    Unexpected = 901,
}
