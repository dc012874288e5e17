using System;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <content>Whole trees: new ones, and those that are gone on with.</content>
public abstract partial class TransferCmdlet
{
    /// <summary>Sends a tree: an object for each file, bars meanwhile, the sums at the end.</summary>
    /// <param name="start">Starts the work.</param>
    /// <param name="destination">What the bars call its destination.</param>
    /// <param name="report">Gets a line for each file.</param>
    /// <param name="isDry">Whether nothing is sent.</param>
    private protected void SendTree(Func<Operation> start, string destination, CsvReport? report = null, bool isDry = false)
    {
        var bars = new TreeProgress(this, destination, TimeProvider.System);
        bool isFloorTold = isDry;
        try
        {
            using Operation operation = start();
            WarnOf(report, report?.Begin());
            using JsonDocument result = JsonDocument.Parse(AwaitRows(operation, row => Take(row, report), progress =>
            {
                bars.Report(progress, operation.Running());
                if (!isFloorTold && progress.Files is { AllKnown: true } files)
                {
                    isFloorTold = true;
                    Tell(TreeTelling.FloorLine(files.Known, progress.BytesTotal));
                }
            }));
            Show(bars.Complete);
            string place = TreeTelling.Place(result.RootElement.GetProperty("destination"));
            Say(place);
            Tell(isDry ? place : null);
            Tell(TreeTelling.Sums(result.RootElement));
        }
        catch (MgUploadException failure) when (failure.Kind == ErrorKind.Cancelled && StopToken.IsCancellationRequested)
        {
            // The pipeline takes nothing more; the person who has stopped it still reads.
            Host.UI.WriteLine(TreeTelling.AfterStop(LastSeen, failure.OpenUpload));
            throw;
        }
        catch (MgUploadException failure)
        {
            bool goesOn = GoingOn.IsOf(failure.Kind) || failure.OpenUpload is not null;
            failure.Advice = goesOn ? $"{Advice.ForTree(failure)} {TreeTelling.GoOn(failure.OpenUpload)}" : Advice.ForTree(failure);
            throw;
        }
        finally
        {
            Show(bars.Complete);
            report?.Dispose();
            if (report?.Fault is not null)
            {
                Show(() => Warn($"The report {report.Path} is incomplete: {report.Fault}"));
            }
        }
    }

    /// <summary>One file is settled.</summary>
    private void Take(string row, CsvReport? report)
    {
        using JsonDocument document = JsonDocument.Parse(row);
        ItemResult result = ItemResultReader.Row(document.RootElement);
        WarnOf(report, report?.Add(result));
        foreach (string warning in UploadResultReader.Warnings(document.RootElement))
        {
            Warn($"{result.Path}: {warning}.");
        }
        WriteObject(result);
        if (result.Error is not null)
        {
            Report(result.Error);
        }
    }

    private void WarnOf(CsvReport? report, bool? isWritten)
    {
        if (isWritten is false)
        {
            Warn($"The report {report!.Path} takes no more lines, and the upload goes on without it: {report.Fault}");
        }
    }

    /// <summary>A line that the host shows and that can be redirected; nothing where there is none.</summary>
    private void Tell(string? line)
    {
        if (line is not null)
        {
            WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST", "MgUpload"]);
        }
    }
}
