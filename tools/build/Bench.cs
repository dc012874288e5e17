using System;
using System.IO;

namespace MgUpload.Build;

/// <summary>The task Bench: builds what crates/bench measures, and starts it.</summary>
internal static class Bench
{
    public static int Run(Options options)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new BuildFailure("the benchmark takes a program's cost from wait4, which only Unix has");
        }
        ModuleBuild.Run(options);
        Tool.Must([.. Tool.Cargo, "build", "--release", "--package", "bench"]);
        Tool.Must("dotnet", "publish", Places.At("crates", "bench", "empty-module"), "-c", "Release",
            "-o", Places.At("out", "bench", "empty-module"), "--nologo", "-v", options.Verbose ? "normal" : "quiet");
        string bench = Path.Combine(Places.Target, "release", Places.Program("bench"));
        if (options.Counts)
        {
            return Tool.Run(bench, "counts");
        }
        string[] pwsh = options.PowerShell is { } program ? ["--pwsh", program] : [];
        // A quick look is no picture of anything.
        string[] kind = options.Quick ? ["--quick"] : ["--picture", Places.At("docs", "bench.svg")];
        return Tool.Run([bench, "run", .. pwsh, .. kind]);
    }
}
