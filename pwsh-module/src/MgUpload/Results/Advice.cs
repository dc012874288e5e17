using System;
using System.Linq;
using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>
/// What to do about a failure, in words that name cmdlets. The core tells facts: kind, codes, status, and the reason of what it
/// has found itself. The first row that fits is taken.
/// </summary>
internal static class Advice
{
    /// <summary>The advice that a failure has from who found it, else the one for its facts.</summary>
    internal static string For(MgUploadException failure) => failure.Advice ?? (SignInAdvice.For(failure) ?? ByReason(failure) ?? ByFault(failure) ?? ByCode(failure) ?? ByKind(failure));

    /// <summary>For who may not, where it is known what the token needs.</summary>
    internal static string Permissions(string needed) => $"The token needs the permission {needed}.";

    /// <summary>For a file of a tree: what its reason asks for goes before everything else.</summary>
    internal static string ForFile(MgUploadException failure, string? reason) => (reason ?? failure.Fact("reason")) switch
    {
        "exists" => "Say what becomes of it: -IfExists Replace (never a newer one), Rename or Skip; -Force replaces it whatever it is.",
        "destinationNewer" => "Look who has changed it there; -Force replaces it all the same.",
        "folderInPlace" => "A folder has the file's name there: rename one of them.",
        "fileInPlace" => "A file has the folder's name there: rename one of them, or send to another destination.",
        "invalidName" => "Rename the file, or let -NameMap Fullwidth write the characters that the service refuses in another way.",
        "reservedName" => "Rename it: the service keeps such names for itself.",
        "nameTooLong" or "pathTooLong" => "Rename it, or a folder above it, so that the name or the path is shorter.",
        "caseCollision" or "normalizationCollision" => "Rename one of the two: at the destination they would be one file.",
        "danglingLink" => "The link leads nowhere: mend or remove it.",
        "folder" => "Send folders with -Recurse.",
        _ => ForTree(failure),
    };

    /// <summary>For a tree, and for what is wrong with more than one of its files: it makes and ends its sessions itself, and who sends it knows none.</summary>
    internal static string ForTree(MgUploadException failure) => failure.Advice ?? (SignInAdvice.For(failure) ?? ByReason(failure) ?? ByFault(failure) ?? OfTree(failure) ?? ByCode(failure) ?? ByKind(failure));

    private static string? OfTree(MgUploadException failure) => failure.Kind switch
    {
        ErrorKind.SourceMissing => "Check the path, and whether its disk is there.",
        ErrorKind.SourceChanged => "Wait until nothing writes to the file, then run the same command again.",
        ErrorKind.Forbidden when failure.WithToken is false => "See whether the destination is locked, full or closed by a policy, then run the same command again.",
        ErrorKind.NotFound => "Check the ids, and whether the destination's folder is still there; the account of the token must be able to see it.",
        ErrorKind.Conflict when Has(failure, "nameAlreadyExists") => "Say what becomes of it: -IfExists Replace (never a newer one), Rename or Skip; -Force replaces it whatever it is.",
        ErrorKind.Conflict when Says(failure, "session already exists") || Says(failure, "currently being uploaded") =>
            "Another program or machine uploads to this name: wait until that has ended, which it does by itself within a day as a rule, then run the same command again.",
        ErrorKind.Conflict when !Has(failure, "resourceLocked") => "Wait until the item is no longer locked or being uploaded, then run the same command again.",
        ErrorKind.Throttled => "Wait as long as the service asks, then run the same command again.",
        ErrorKind.ServerFault => "Try again later with the same command; if it persists, give the request id to Microsoft.",
        ErrorKind.SessionExpired => "Run the same command again: it looks whether the file has arrived, and else sends it from its start.",
        ErrorKind.RangeRejected => "Let only one process send the file, and run the same command again.",
        ErrorKind.QuotaExceeded => "Free space at the destination, then run the same command again.",
        ErrorKind.Network or ErrorKind.Timeout => "Check the connection, then run the same command again.",
        ErrorKind.Cancelled => "Run the same command again.",
        _ => null,
    };

    private static string? ByFault(MgUploadException failure) => failure.Fact("fault") switch
    {
        "Untrusted" =>
            "The certificate is not trusted. Where a proxy looks into TLS, trust its authority: let SSL_CERT_FILE name a PEM file with its certificate and run Connect-MgUpload again, or have it installed in the system's store.",
        "ProxyDenied" =>
            "The proxy wants a log-on, or another one: put name and password into HTTPS_PROXY (http://name:password@proxy:8080) and run Connect-MgUpload again, or give it -ProxyCredential or -ProxyUseDefaultCredentials. It is not tried a second time, for a few wrong ones may lock an account.",
        "Unsendable" => "Give the session's URL, and headers, exactly as the service gave them; these cannot be sent.",
        _ => null,
    };

    private static string? ByReason(MgUploadException failure) => failure.Fact("reason") switch
    {
        "inUse" => "Wait until the other process has ended; Get-MgUploadSession lists what it leaves open.",
        "notCommitted" => "Put the file in place with Complete-MgUploadSession.",
        "incomplete" when failure.OpenUpload is { } id => $"Send the rest first: Resume-MgUploadSession -Id {id}.",
        "incomplete" => "Send the rest of the file to the session first, with Send-MgUploadSession.",
        "finished" => "A session takes one file: make one for each (New-Mg…UploadSession), and send each file to its own.",
        "noLength" => "Send what it holds as a stream: Send-MgUploadSession -InputStream ([System.IO.File]::OpenRead($path)).",
        "unknownId" => "Get-MgUploadSession lists the uploads that are open here, with their ids.",
        "notDraft" => "Attach to a draft and send it afterwards: a message that was sent or received takes no attachments.",
        "messageTooLarge" => "Attach less, or store the files in OneDrive (New-MgUserDriveItemUploadSession) and send links; -MessageSizeLimit says what the mailbox takes.",
        "contentType" => "Print the document as a kind that the printer takes, such as PDF, or say with -ContentType what it is.",
        "tooSmall" => failure.Fact("family") switch
        {
            "outlook" => "Attach the file with Send-MgUploadAttachment, which takes small ones too.",
            "drive" => "An empty file takes no session; make it with Set-MgDriveItemContent.",
            _ => "An empty file cannot be sent to a session of this kind.",
        },
        "tooLarge" => failure.Fact("family") switch
        {
            "outlook" or "todo" => "Store the file in OneDrive (New-MgUserDriveItemUploadSession) and send a link to it.",
            "print" => "Print it in parts, as several jobs.",
            _ => "Split the file, or store it elsewhere.",
        },
        _ => null,
    };

    private static string? ByCode(MgUploadException failure) => failure switch
    {
        _ when Has(failure, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize") =>
            "A file below 3 MB takes no session: attach it with Send-MgUploadAttachment, which takes any size.",
        _ when Has(failure, "ErrorMessageSizeExceeded") =>
            "The message is larger than the mailbox allows (often 35 MB): take attachments away, or store the file in OneDrive (New-MgUserDriveItemUploadSession) and send a link.",
        _ when failure.HttpStatus == 400 && Says(failure, "draft") =>
            "Attach to a draft and send it afterwards: a message that was sent or received takes no attachments.",
        _ when failure.HttpStatus is 400 or 409 && (Says(failure, "File name not provided in url") || Says(failure, "upload session on a folder")) =>
            "Let the path name the file: -DriveItemId 'root:/folder/name:' or '{folderId}:/name:'.",
        _ when failure.HttpStatus == 409 && Creates(failure) && failure.OpenUpload is { } id =>
            $"An upload to this file is open here: Resume-MgUploadSession -Id {id} goes on with it, Remove-MgUploadSession -Id {id} makes room for a new one.",
        _ when failure.HttpStatus == 409 && Creates(failure) && (Says(failure, "session already exists") || Says(failure, "currently being uploaded")) =>
            "An upload to this file is open already: Get-MgUploadSession lists those of this machine, for Resume-MgUploadSession or Remove-MgUploadSession; one from elsewhere ends by itself, within a day as a rule.",
        _ when Has(failure, "resourceLocked") => "The file is open or checked out elsewhere: have it closed there, then run the command again.",
        _ => null,
    };

    private static string ByKind(MgUploadException failure) => failure.Kind switch
    {
        ErrorKind.InvalidInput when failure.HttpStatus is not null => "Check the ids and the body against the service's message; sending the same again will not help.",
        ErrorKind.InvalidInput => "Correct the input and run the command again; nothing was sent.",
        ErrorKind.AbiMismatch => "Install the module anew: its files do not belong together.",
        ErrorKind.SourceMissing => "Check the path, and whether its disk is there; a session takes one file.",
        ErrorKind.SourceDenied => "Check the file's permissions, and whether another program has it locked.",
        ErrorKind.SourceChanged when failure.OpenUpload is { } id =>
            $"Upload the file as it is now with a new session, and throw this one away: Remove-MgUploadSession -Id {id}. Where you know that the bytes which were sent are the same still, Resume-MgUploadSession -Id {id} -Force goes on; else that leaves a mixture of two files at the destination.",
        ErrorKind.SourceChanged => "Wait until nothing writes to the file, then upload it again.",
        ErrorKind.IntegrityMismatch => "Upload the file again; the copy at the destination is not the one that was sent.",
        ErrorKind.StateUnusable => "Make the state folder yours alone to write in, or let the environment variable MGUPLOAD_STATE name another; uploads work without it, but cannot be gone on with after a crash.",
        ErrorKind.Unauthenticated => "Sign in again: Connect-MgUpload, or Connect-MgGraph where its session is used.",
        ErrorKind.Forbidden when failure.WithToken is false =>
            "No token is sent to an upload URL: see whether the destination is locked, full or closed by a policy; a URL that has run out needs a new session.",
        ErrorKind.Forbidden => "Check that the token has the permissions which this cmdlet's help lists.",
        ErrorKind.NotFound => "Check the ids; the account of the token must be able to see them.",
        ErrorKind.Conflict when Creates(failure) =>
            "Choose another name or @microsoft.graph.conflictBehavior (rename, replace), or wait until the item is no longer locked or being uploaded.",
        ErrorKind.Conflict =>
            "Choose another name or conflict behavior, or wait until the item is no longer locked or being uploaded; where all bytes are there, Complete-MgUploadSession -ConflictBehavior rename (or replace) puts the file in place.",
        ErrorKind.Throttled => "Wait as long as the service asks, then go on with the same session.",
        ErrorKind.ServerFault => "Try again later with the same session; if it persists, give the request id to Microsoft.",
        ErrorKind.SessionExpired => "Look whether the file has arrived; if not, create a new session and upload again.",
        ErrorKind.RangeRejected => "Let only one process upload to a session, and go on where it was begun, with its own file; or make a new one.",
        ErrorKind.QuotaExceeded when Creates(failure) => "Free space at the destination, then run the command again.",
        ErrorKind.QuotaExceeded => "Free space at the destination; what has arrived is kept there, and the upload can be gone on with.",
        ErrorKind.UnexpectedAnswer => "Check that no proxy or gateway answers in the service's place.",
        ErrorKind.Network or ErrorKind.Timeout when Creates(failure) => "Check the connection, then run the command again; nothing was uploaded.",
        ErrorKind.Network or ErrorKind.Timeout => "Check the connection, then try again; an upload goes on where its session stands.",
        ErrorKind.OutOfResources => "Raise the limits of this user or container (ulimit -u and -n, pids.max), or run less at once, then try again.",
        ErrorKind.Cancelled => "Go on with the same session, or remove it with Remove-MgUploadSession.",
        _ => "This is a fault of MgUpload; please report it with this message.",
    };

    /// <summary>A session is created by a POST with a token; nothing else is.</summary>
    private static bool Creates(MgUploadException failure) => failure is { Method: "POST", WithToken: true };

    private static bool Has(MgUploadException failure, string code) => failure.InnerCodes.Prepend(failure.Code).Contains(code, StringComparer.OrdinalIgnoreCase);

    private static bool Says(MgUploadException failure, string phrase) => failure.GraphMessage?.Contains(phrase, StringComparison.OrdinalIgnoreCase) is true;
}
