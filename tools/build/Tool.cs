using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;

namespace MgUpload.Build;

/// <summary>Runs other programs: for their effect, or for their output.</summary>
internal static class Tool
{
    /// <summary>No runner may hang for longer than CI waits.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(40);

    /// <summary>Whether command lines, and output that is captured, are shown too.</summary>
    public static bool Verbose { get; set; }

    /// <summary>Whether the user has had enough: nothing more is started.</summary>
    public static bool Stopped { get; set; }

    /// <summary>cargo, which finds its crates where it can.</summary>
    public static string[] Cargo => OperatingSystem.IsWindows() ? ["cargo"] : ["bash", Places.At("tools", "cargo.sh")];

    /// <summary>PowerShell without the user's profile. One that came as a .NET tool has a pwsh.dll and no program.</summary>
    public static string[] Pwsh(string path) =>
        [.. path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? new[] { "dotnet", path } : [path], "-NoLogo", "-NoProfile", "-NonInteractive"];

    /// <summary>Runs a program on this console; its exit status.</summary>
    public static int Run(params string[] command)
    {
        using Process process = Start(command, _ => { });
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Runs a program on this console and expects that it succeeds.</summary>
    public static void Must(params string[] command)
    {
        int status = Run(command);
        if (status != 0)
        {
            throw new BuildFailure($"exit status {status} from: {string.Join(' ', command)}");
        }
    }

    /// <summary>
    /// Runs a program and keeps its output, in `log` too, when that is named. What it writes to stderr stays visible, unless `quiet`.
    /// </summary>
    public static (int Status, string Output) Capture(string? log, bool quiet, params string[] command)
    {
        var output = new StringBuilder();
        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
            {
                return;
            }
            lock (output)
            {
                output.Append(line.Data).Append('\n');
                if (Verbose)
                {
                    Console.WriteLine(line.Data);
                }
            }
        }
        using Process process = Start(command, info =>
        {
            info.RedirectStandardOutput = true;
            info.RedirectStandardError = quiet;
        });
        process.OutputDataReceived += Keep;
        process.BeginOutputReadLine();
        if (quiet)
        {
            process.ErrorDataReceived += Keep;
            process.BeginErrorReadLine();
        }
        bool ended = process.WaitForExit(s_limit);
        if (ended)
        {
            process.WaitForExit();
        }
        else
        {
            process.Kill(entireProcessTree: true);
            output.Append($"ended after {s_limit.TotalMinutes} minutes\n");
        }
        string text;
        lock (output)
        {
            text = output.ToString();
        }
        if (log is not null)
        {
            File.WriteAllText(log, text);
        }
        return (ended ? process.ExitCode : -1, text);
    }

    /// <summary>Whether a program of that name is on PATH.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, Places.Program(program))));

    public static Process Start(IReadOnlyList<string> command, Action<ProcessStartInfo> adjust)
    {
        if (Stopped)
        {
            throw new BuildFailure("stopped");
        }
        if (Verbose)
        {
            Console.WriteLine($"> {string.Join(' ', command)}");
        }
        var info = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false };
        // Nothing of .NET stays behind when the build ends, and holds its output open.
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        info.Environment["UseSharedCompilation"] = "false";
        info.Environment["DOTNET_NOLOGO"] = "1";
        info.Environment["CARGO_TARGET_DIR"] = Places.Target;
        adjust(info);
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception error)
        {
            throw new BuildFailure($"{command[0]} cannot be started: {error.Message}");
        }
    }
}
