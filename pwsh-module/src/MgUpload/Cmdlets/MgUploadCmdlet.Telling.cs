using System;
using System.Globalization;
using System.Management.Automation;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <content>What is told meanwhile: lines, warnings, and what has happened to an operation.</content>
public abstract partial class MgUploadCmdlet
{
    /// <summary>Who waits for longer than this is told without asking.</summary>
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A verbose line. With -Debug alone PowerShell would stop at each and ask whether to go on, in the middle of an upload, and
    /// fail where nobody can be asked: it is a debug line there.
    /// </summary>
    internal void Say(string line) => Write(line, "Verbose", WriteVerbose);

    /// <summary>A warning, of which the same is true.</summary>
    internal void Warn(string line) => Write(line, "WarningAction", WriteWarning);

    /// <summary>Writes to the screen. Who has pressed Ctrl+C reads no more, and must not be kept.</summary>
    private protected void Show(Action show)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }
        try
        {
            show();
        }
        catch (PipelineStoppedException)
        {
            // PowerShell takes nothing more, a moment before it says so.
            StopProcessing();
        }
    }

    private void Write(string line, string wanted, Action<string> write)
    {
        bool debugs = MyInvocation.BoundParameters.TryGetValue("Debug", out object? debug) && debug is SwitchParameter { IsPresent: true };
        (debugs && !MyInvocation.BoundParameters.ContainsKey(wanted) ? WriteDebug : write)(line);
    }

    private void Tell(OperationEvent happened)
    {
        switch (happened)
        {
            case PauseEvent pause:
                Say(Telling.Sentence(pause));
                if (pause.Pause > s_long)
                {
                    Warn(Telling.Sentence(pause));
                }
                break;
            case RequestEvent request:
                WriteDebug(Telling.Line(request));
                if (request.Body is { } body)
                {
                    WriteDebug($"> {body}");
                }
                if (request.Answer is { } answer)
                {
                    WriteDebug($"< {answer}");
                }
                break;
            case ShortOfSpaceEvent space:
                Warn(Telling.Sentence(space));
                break;
            case DroppedEvent dropped:
                WriteDebug($"({dropped.Count.ToString(CultureInfo.InvariantCulture)} events were not read in time)");
                break;
        }
    }
}
