namespace MgUpload;

/// <summary>How long a sign-in is remembered.</summary>
public enum ContextScope
{
    /// <summary>In memory, until the process ends or disconnects.</summary>
    Process,

    /// <summary>For this user's later processes too, encrypted by the platform.</summary>
    CurrentUser,
}
