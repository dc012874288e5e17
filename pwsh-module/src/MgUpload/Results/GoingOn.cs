using System;
using System.Linq;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>How a failed upload is gone on with, in words.</summary>
internal static class GoingOn
{
    /// <summary>Whether a failure leaves something to go on with: not where the session or the file is no longer what it was.</summary>
    internal static bool IsOf(ErrorKind kind) => kind is ErrorKind.Unauthenticated or ErrorKind.Forbidden or ErrorKind.Conflict or ErrorKind.Throttled
        or ErrorKind.ServerFault or ErrorKind.RangeRejected or ErrorKind.QuotaExceeded or ErrorKind.UnexpectedAnswer or ErrorKind.Network or ErrorKind.Timeout
        or ErrorKind.SourceDenied;

    /// <summary>One line for who has pressed Ctrl+C; null where nothing is left to go on with.</summary>
    internal static string? AfterStop(Progress last, string? id, bool isFile) => id is null ? null
        : $"Stopped at {Percent.Of(last.BytesDone, last.BytesTotal)} %. "
            + (isFile ? $"Go on with Resume-MgUploadSession -Id {id}" : $"Send the same bytes to the same session again; Get-MgUploadSession has it as {id}");

    /// <summary>What goes on; null where nothing is on record that could.</summary>
    internal static string? After(MgUploadException failure, bool isFile) => failure.OpenUpload switch
    {
        null => isFile ? null : "Send the bytes again.",
        // Only a commit asks for the name: every byte is there, and another attempt would meet the same name again.
        { } id when failure.HttpStatus == 409 && failure.InnerCodes.Prepend(failure.Code).Contains("nameAlreadyExists") =>
            $"Go on with: Complete-MgUploadSession -Id {id} -ConflictBehavior rename (or replace)",
        { } id when isFile => $"Go on with: Resume-MgUploadSession -Id {id}",
        { } id => $"Send the same bytes to the same session again, which Get-MgUploadSession has as {id}; Resume-MgUploadSession has no copy of them.",
    };
}
