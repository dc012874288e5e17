using System;

namespace MgUpload.Native;

/// <summary>What an upload may be told to do, in the numbers of the C ABI.</summary>
[Flags]
public enum UploadFlags
{
    /// <summary>Nothing out of the ordinary.</summary>
    None = 0,

    /// <summary>Go on although the file is no longer what it was; only where an upload is gone on with.</summary>
    ResumeForce = 1,

    /// <summary>Leave the commit of a session that was made to wait for one.</summary>
    UploadDeferCommit = 2,

    /// <summary>Work out the SHA-256 of the bytes too.</summary>
    UploadSha256 = 4,

    /// <summary>The file is a copy: another copy of the same bytes may go on in its place.</summary>
    UploadCopy = 8,
}
