namespace MgUpload.Native;

/// <summary>What an operation is doing, in the numbers of the C ABI.</summary>
public enum Phase
{
    /// <summary>Nothing has been sent yet.</summary>
    Starting = 0,

    /// <summary>Bytes are on their way.</summary>
    Sending = 1,

    /// <summary>A pause that the service asked for, or one after a failure.</summary>
    Waiting = 2,

    /// <summary>The service is asked what it has.</summary>
    Asking = 3,

    /// <summary>What was stored is compared with what was sent.</summary>
    Verifying = 4,

    /// <summary>Nothing is left to do.</summary>
    Done = 5,
}
