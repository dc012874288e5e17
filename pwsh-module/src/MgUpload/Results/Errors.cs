using System;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>Failures as PowerShell shows them: id, category, details, and what to do.</summary>
internal static class Errors
{
    /// <summary>The one table from kinds to categories.</summary>
    internal static ErrorCategory CategoryOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidInput => ErrorCategory.InvalidArgument,
        ErrorKind.SourceMissing => ErrorCategory.ObjectNotFound,
        ErrorKind.SourceDenied => ErrorCategory.PermissionDenied,
        ErrorKind.SourceChanged => ErrorCategory.InvalidData,
        ErrorKind.IntegrityMismatch => ErrorCategory.InvalidData,
        ErrorKind.StateUnusable => ErrorCategory.ResourceUnavailable,
        ErrorKind.Unauthenticated => ErrorCategory.AuthenticationError,
        ErrorKind.Forbidden => ErrorCategory.PermissionDenied,
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.Conflict => ErrorCategory.ResourceExists,
        ErrorKind.Throttled => ErrorCategory.LimitsExceeded,
        ErrorKind.ServerFault => ErrorCategory.ResourceUnavailable,
        ErrorKind.SessionExpired => ErrorCategory.ResourceUnavailable,
        ErrorKind.RangeRejected => ErrorCategory.InvalidResult,
        ErrorKind.QuotaExceeded => ErrorCategory.LimitsExceeded,
        ErrorKind.UnexpectedAnswer => ErrorCategory.InvalidResult,
        ErrorKind.Network => ErrorCategory.ConnectionError,
        ErrorKind.Timeout => ErrorCategory.OperationTimeout,
        ErrorKind.Cancelled => ErrorCategory.OperationStopped,
        ErrorKind.OutOfResources => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };

    /// <summary>Whether a failure leaves nothing to hope for from the next record.</summary>
    internal static bool IsFatal(ErrorKind kind) => kind is ErrorKind.AbiMismatch or ErrorKind.Panic;

    /// <summary>The record of a failure of one file among several: its text says which.</summary>
    internal static ErrorRecord OfFile(MgUploadException failure, string file) => Record(failure, file, file);

    /// <summary>The record of a failure.</summary>
    internal static ErrorRecord Record(MgUploadException failure, object? target, string? file = null)
    {
        failure.Advice = Advice.For(failure);
        return new ErrorRecord(failure, IdOf(failure), CategoryOf(failure.Kind), Masked.Of(target))
        {
            ErrorDetails = new ErrorDetails(Details(failure, file)) { RecommendedAction = failure.Advice },
        };
    }

    /// <summary>Graph's code; the status of an answer in JSON that has none, as in Microsoft's modules; else the kind.</summary>
    private static string IdOf(MgUploadException failure)
    {
        if (!string.IsNullOrEmpty(failure.Code))
        {
            return failure.Code;
        }
        return failure.AnsweredInJson && failure.HttpStatus is { } status and >= 400 ? ((HttpStatusCode)status).ToString() : failure.Kind.ToString();
    }

    private static string Details(MgUploadException failure, string? file)
    {
        string words = string.IsNullOrEmpty(failure.GraphMessage) ? failure.Message : failure.GraphMessage;
        // What was found here names the file in its own words.
        var text = new StringBuilder(file is null || words.Contains(file, StringComparison.Ordinal) ? words : $"'{Display.Text(file)}': {words}");
        if (failure.HttpStatus is { } status)
        {
            text.Append("\n\nStatus: ").Append(status).Append(" (").Append((HttpStatusCode)status).Append(')');
            text.Append("\nErrorCode: ").Append(failure.Code);
            Line(text, "Inner codes", string.Join(", ", failure.InnerCodes));
            text.Append("\nDate: ").Append(failure.Date);
            Line(text, "Request id", failure.RequestId);
            Line(text, "Client request id", failure.ClientRequestId);
            Line(text, "Retry after", failure.RetryAfter is { } pause ? pause.TotalSeconds.ToString("0 's'", CultureInfo.InvariantCulture) : null);
            Line(text, "Attempts", failure.Attempts > 1 ? failure.Attempts.ToString(CultureInfo.InvariantCulture) : null);
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append('\n').Append(name).Append(": ").Append(value);
        }
    }
}
