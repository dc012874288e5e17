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
    /// <param name="last">How far it had come.</param>
    /// <param name="id">What is open.</param>
    /// <param name="isFile">Whether it can be gone on with from the file.</param>
    /// <param name="hasLeft">Whether the work was left before it could say what is open.</param>
    internal static string? AfterStop(Progress last, string? id, bool isFile, bool hasLeft)
    {
        string stopped = $"Stopped at {Percent.Of(last.BytesDone, last.BytesTotal)} %. ";
        return id switch
        {
            null => hasLeft ? stopped + "What it still waits for has not answered; Get-MgUploadSession tells what is open" : null,
            _ when isFile => $"{stopped}Go on with Resume-MgUploadSession -Id {id}",
            _ => $"{stopped}Send the same bytes to the same session again; Get-MgUploadSession has it as {id}",
        };
    }

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
