using System;
using System.Globalization;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>What an operation goes through, in words: a verbose line for each pause, debug lines for each request.</summary>
internal static class Telling
{
    /// <summary>Why an operation pauses.</summary>
    internal static string Why(PauseReason reason, int? status)
    {
        string why = reason switch
        {
            PauseReason.Throttled => "throttled by the service",
            PauseReason.ServerFault => "the service is in trouble",
            PauseReason.ConnectionLost => "the connection was lost",
            PauseReason.Silent => "no answer came in time",
            PauseReason.NoConnection => "no connection can be made",
            PauseReason.Paced => "few requests are left, and they are spread",
            PauseReason.Locked => "the item is locked",
            PauseReason.UnknownSession => "the service does not know the session",
            PauseReason.NameTaken => "the name is still taken",
            _ => "the service has not said where it stands",
        };
        return status is { } number ? $"{why} ({number.ToString(CultureInfo.InvariantCulture)})" : why;
    }

    /// <summary>A time that counts down to 1 s.</summary>
    internal static string Time(TimeSpan time) => Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture) + " s";

    internal static string Sentence(PauseEvent pause)
    {
        string why = Why(pause.Reason, pause.Status);
        return $"{char.ToUpperInvariant(why[0])}{why[1..]}; going on in {Time(pause.Pause)}.";
    }

    internal static string Sentence(ShortOfSpaceEvent space) =>
        $"The files have {UploadProgress.Size(space.Bytes)}, and {UploadProgress.Size(space.Free)} are free at the destination: they may not all fit, and the upload ends where it is full. Free space there, or send less.";

    internal static string Line(RequestEvent request)
    {
        string range = request.Range is { } bytes ? $" ({bytes})" : string.Empty;
        string outcome = request.Status is { } status ? status.ToString(CultureInfo.InvariantCulture) : $"no answer: {request.Why}";
        string time = request.Time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        return $"{request.Method} {request.Target}{range} -> {outcome}, {time} ms; request-id {request.RequestId ?? "none"}; client-request-id {request.ClientRequestId ?? "none"}";
    }
}
