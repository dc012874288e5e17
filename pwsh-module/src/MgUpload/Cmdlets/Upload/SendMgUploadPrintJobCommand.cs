using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Prints files: makes a job for each, sends its document, starts it.</summary>
[Cmdlet(VerbsCommunications.Send, "MgUploadPrintJob", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = OnShare,
    HelpUri = Help.Pages + "Send-MgUploadPrintJob.md")]
[OutputType(typeof(PrintJobResult))]
public sealed class SendMgUploadPrintJobCommand : FilesCmdlet
{
    private const string OnShare = "Share";
    private const string OnPrinter = "Printer";
    /// <summary>Graph's own word for it.</summary>
    private const string Unknown = "unknown";
    private const string Permissions = "PrintJob.Create (or PrintJob.ReadWrite), delegated: an application does not print; some tenants want PrinterShare.ReadBasic.All too";

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    /// <summary>The share that the printer is reached by.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OnShare)]
    [Alias("ShareId")]
    [ValidateNotNullOrEmpty]
    public string? PrinterShareId { get; set; }

    /// <summary>The printer itself.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OnPrinter)]
    [ValidateNotNullOrEmpty]
    public string? PrinterId { get; set; }

    /// <summary>The documents' media type, where it is not that of their extension.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>How they are printed: the members of Graph's printJobConfiguration.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Configuration { get; set; }

    /// <summary>Waits until a job has ended, and tells how.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long it waits for one job; without, as long as that takes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int TimeoutSec { get; set; }

    private string Destination => ParameterSetName == OnShare ? $"/v1.0/print/shares/{PrinterShareId}" : $"/v1.0/print/printers/{PrinterId}";

    /// <summary>Two copies may be wanted.</summary>
    private protected override bool TakesTwice => true;

    /// <inheritdoc/>
    private protected override void Send(IReadOnlyList<FileInfo> files)
    {
        if (TimeoutSec > 0 && !Wait)
        {
            Guard(null, () => throw new MgUploadException(ErrorKind.InvalidInput, "-TimeoutSec limits a wait, and nothing is waited for; nothing was printed.") { Advice = "Add -Wait, or leave -TimeoutSec out." });
            return;
        }
        foreach (FileInfo file in files)
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            if (ShouldProcess(file.FullName, $"Print on {Destination}"))
            {
                Guard(file.FullName, () => Print(file));
            }
        }
    }

    private void Print(FileInfo file)
    {
        UploadClient client = ClientFor();
        ItemResult? sent = null;
        string? job = null, state = null;
        SendOne(file, () =>
        {
            using JsonDocument answer = Start(client, file);
            job = ItemResultReader.Text(answer.RootElement, "jobId");
            state = ItemResultReader.Text(answer.RootElement.GetProperty("state"), "state");
            sent = ItemResultReader.Uploaded(answer.RootElement, file.FullName, Destination);
            if (Wait)
            {
                WaitFor(client, job!, file, ref state);
            }
            return Result(file, sent, job, state, null, sent.Elapsed);
        }, (error, elapsed) => Result(file, sent, job, state, error, elapsed));
    }

    /// <summary>Makes the job, sends the document, starts the job.</summary>
    private JsonDocument Start(UploadClient client, FileInfo file)
    {
        JsonObject request = Request();
        request["name"] = file.Name;
        request["contentType"] = ContentType;
        if (Configuration is not null)
        {
            request["configuration"] = JsonNode.Parse(JsonText.Of(Source.Of(Configuration)!.Entries));
        }
        return Permitted(Permissions, () => Transfer(file.FullName, isFile: true, () => client.StartPrint(request.ToJsonString(), file.FullName, default), goesOn: false));
    }

    private PrintJobResult Result(FileInfo file, ItemResult? sent, string? job, string? state, ErrorRecord? error, TimeSpan elapsed) => new()
    {
        Path = file.FullName,
        Destination = Destination,
        Name = file.Name,
        ItemId = sent?.ItemId,
        Length = file.Length,
        Status = sent is null || HasFailed(state) ? "Failed" : "Uploaded",
        Integrity = sent?.Integrity,
        Error = error,
        Elapsed = elapsed,
        JobId = job,
        State = state,
    };

    private static bool HasFailed(string? state) => state is "aborted" or "canceled";

    private JsonObject Request() => ParameterSetName == OnShare ? new JsonObject { ["shareId"] = PrinterShareId } : new JsonObject { ["printerId"] = PrinterId };

    /// <summary>Asks for a job's state until it has ended, less and less often.</summary>
    private void WaitFor(UploadClient client, string job, FileInfo file, ref string? state)
    {
        long begin = TimeProvider.System.GetTimestamp();
        var bar = new ProgressRecord(job.GetHashCode(StringComparison.Ordinal) & int.MaxValue, $"Printing {file.Name}", "waiting for the printer");
        try
        {
            for (TimeSpan pause = s_firstPause; ; pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause)
            {
                // Until the answer is here.
                state = Unknown;
                using JsonDocument answer = Ask(client, job);
                state = ItemResultReader.Text(answer.RootElement, "state");
                string? words = ItemResultReader.Text(answer.RootElement, "description");
                if (state == "completed")
                {
                    return;
                }
                if (HasFailed(state))
                {
                    throw new MgUploadException(ErrorKind.ServerFault, $"The printer has not printed it: the job was {state}. {words}") { Advice = "See what the printer says, and print the file again." };
                }
                if (TimeoutSec > 0 && TimeProvider.System.GetElapsedTime(begin) + pause > TimeSpan.FromSeconds(TimeoutSec))
                {
                    throw new MgUploadException(ErrorKind.Timeout, $"The job {job} has not ended in {TimeoutSec} s; it is {state}. It goes on without being waited for.") { Advice = "Look at the printer; wait longer with -TimeoutSec." };
                }
                bar.StatusDescription = string.IsNullOrEmpty(words) ? state ?? Unknown : words;
                Show(() => WriteProgress(bar));
                StopToken.WaitHandle.WaitOne(pause);
                StopToken.ThrowIfCancellationRequested();
            }
        }
        catch (Exception stop) when (StopToken.IsCancellationRequested && stop is OperationCanceledException or MgUploadException { Kind: ErrorKind.Cancelled })
        {
            // The pipeline takes nothing more; the person who has stopped it still reads.
            Host.UI.WriteLine($"Stopped waiting for the printer. The job {job} was started, and goes on");
            throw;
        }
        finally
        {
            bar.RecordType = ProgressRecordType.Completed;
            Show(() => WriteProgress(bar));
        }
    }

    private JsonDocument Ask(UploadClient client, string job)
    {
        JsonObject request = Request();
        request["jobId"] = job;
        try
        {
            using Operation operation = client.StartPrintState(request.ToJsonString());
            return JsonDocument.Parse(Await(operation));
        }
        catch (MgUploadException failure) when (failure.Kind != ErrorKind.Cancelled)
        {
            failure.Advice = $"The document has arrived and its job {job} was started; only how it stands is not known. Look at the printer before you print it again.";
            throw;
        }
    }
}
