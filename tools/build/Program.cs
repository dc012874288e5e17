using System;
using System.IO;

namespace MgUpload.Build;

/// <summary>
/// Every step of build.ps1 and build.sh. It is C# because the steps have to run on a machine without PowerShell and on
/// one without bash, and the .NET SDK is on both: this way each step exists once.
/// </summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        try
        {
            Options options = Options.Parse(words);
            Places.KeepLoopbackDirect();
            // Ctrl+C ends the program that runs at the moment; this one stays to clean up.
            Console.CancelKeyPress += (_, key) => key.Cancel = Tool.Stopped = true;
            using var state = new ScratchFolder();
            // Demo and tests record their uploads here, and not among the user's.
            Environment.SetEnvironmentVariable("MGUPLOAD_STATE", state.FullName);
            switch (options.Task)
            {
                case "build":
                    ModuleBuild.Run(options);
                    return 0;
                case "test":
                    return Tests.Run(options);
                case "demo":
                    return Demo.Run(options);
                case "docs":
                    // What is generated from pwsh-module/cmdlets.json, the help pages among it; Build compiles them.
                    Tool.Must([.. Tool.Cargo, "run", "--package", "cmdlet-table"]);
                    return 0;
                case "bench":
                    return Bench.Run(options);
                default:
                    Console.Error.WriteLine($"{options.Task}: not yet. This task comes with a later version.");
                    return 3;
            }
        }
        catch (BuildFailure failure)
        {
            Console.Error.WriteLine($"build: {failure.Message}");
            return failure.Status;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"build: {failure.Message}");
            return 1;
        }
    }
}
