using System;
using System.Text.Json;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that send a file: the bar meanwhile, and how it is gone on with where that ends early.</summary>
public abstract partial class TransferCmdlet : UploadSessionCmdlet
{
    private protected TransferCmdlet()
    {
    }

    /// <summary>Sends, shows how far it is, and gives the core's result.</summary>
    /// <param name="name">What the progress bar calls it.</param>
    /// <param name="isFile">Whether what was left open can be gone on with from the file.</param>
    /// <param name="start">Starts the work.</param>
    /// <param name="goesOn">Whether what is left open is of any use.</param>
    private protected JsonDocument Transfer(string name, bool isFile, Func<Operation> start, bool goesOn = true)
    {
        var bar = new UploadProgress(this, name, TimeProvider.System);
        try
        {
            using Operation operation = start();
            JsonDocument document = JsonDocument.Parse(Await(operation, bar.Report));
            foreach (string warning in UploadResultReader.Warnings(document.RootElement))
            {
                Warn($"{char.ToUpperInvariant(warning[0])}{warning[1..]}.");
            }
            return document;
        }
        catch (MgUploadException failure) when (failure.Kind == ErrorKind.Cancelled && StopToken.IsCancellationRequested)
        {
            if (goesOn && GoingOn.AfterStop(LastSeen, failure.OpenUpload, isFile, HasLeft) is { } line)
            {
                // The pipeline takes nothing more; the person who has stopped it still reads.
                Host.UI.WriteLine(line);
            }
            throw;
        }
        catch (MgUploadException failure) when (goesOn && GoingOn.IsOf(failure.Kind))
        {
            string? way = GoingOn.After(failure, isFile);
            failure.Advice = way is null ? Advice.For(failure) : $"{Advice.For(failure)} {way}";
            throw;
        }
        finally
        {
            Show(bar.Complete);
        }
    }
}
