namespace MgUpload.Native;

/// <summary>Why a token is wanted, in the numbers of the C ABI (<c>mgu_token_lack</c>).</summary>
public enum TokenLack
{
    /// <summary>There is none.</summary>
    Missing = 0,

    /// <summary>The present one ends soon.</summary>
    Ending = 1,

    /// <summary>The service has refused the present one.</summary>
    Refused = 2,
}

/// <summary>A token that an operation waits for.</summary>
/// <param name="Number">Tells questions of a client apart.</param>
/// <param name="Lack">Why.</param>
/// <param name="Claims">What the service says that it must have, in base64; null where it does not say.</param>
public sealed record TokenWanted(ulong Number, TokenLack Lack, string? Claims);
