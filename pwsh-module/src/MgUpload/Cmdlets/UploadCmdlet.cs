using System;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that upload: how they do it, what they show meanwhile, what they return.</summary>
public abstract class UploadCmdlet : TransferCmdlet
{
    private protected UploadCmdlet()
    {
    }

    /// <summary>Bytes in one request; the default suits the session's back end.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long ChunkSize { get; set; }

    /// <summary>Attempts without progress before it is given up.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxAttempts { get; set; }

    /// <summary>How long all pauses may take together.</summary>
    [Parameter]
    [ValidateNotNull]
    public TimeSpan WaitBudget { get; set; }

    /// <summary>Leaves the commit of a session that was made to wait for one.</summary>
    [Parameter]
    public SwitchParameter DeferCommit { get; set; }

    /// <summary>Works out the SHA-256 of the bytes too.</summary>
    [Parameter]
    public SwitchParameter Sha256 { get; set; }

    /// <summary>Uploads, shows how far it is, and writes what came of it.</summary>
    /// <param name="name">What the progress bar calls it.</param>
    /// <param name="isFile">Whether the path in the result is the user's own.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="howToGoOn">Who takes over where the commit is left.</param>
    /// <param name="start">Starts the work.</param>
    private protected void Upload(string name, bool isFile, Destination destination, string howToGoOn, Func<UploadOptions, Operation> start)
    {
        using JsonDocument document = Transfer(name, isFile, () => start(Options()));
        UploadResult result = UploadResultReader.Read(document.RootElement, isFile, destination);
        Say($"{result.Length} bytes in {result.Requests} requests, {result.Retries} of them repeated; integrity: {result.Integrity}.");
        if (!result.Committed)
        {
            Say($"All bytes are there, and the item is not in place yet: {howToGoOn} puts it there, Remove-MgUploadSession throws it away.");
        }
        else if (DeferCommit)
        {
            Warn("The item is in place already: the session was not made with deferCommit.");
        }
        WriteObject(result);
    }

    private UploadOptions Options()
    {
        if (MyInvocation.BoundParameters.ContainsKey(nameof(WaitBudget)) && WaitBudget < TimeSpan.FromMilliseconds(1))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "A wait budget must be longer than nothing.") { Advice = "Give a time, such as 00:10:00." };
        }
        UploadFlags flags = (DeferCommit ? UploadFlags.UploadDeferCommit : 0) | (Sha256 ? UploadFlags.UploadSha256 : 0);
        return new UploadOptions(ChunkSize, WaitBudget, MaxAttempts, flags);
    }
}
