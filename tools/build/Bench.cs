using System;
using System.IO;

namespace MgUpload.Build;

/// <summary>The task Bench: builds what crates/bench measures, and starts it.</summary>
internal static class Bench
{
    private static readonly string s_bench = Path.Combine(Places.Target, "release", Places.Program("bench"));

    public static int Run(Options options)
    {
        if (options.PartOfBench == "parts")
        {
            return Parts();
        }
        if (OperatingSystem.IsWindows())
        {
            throw new BuildFailure("the benchmark takes a program's cost from wait4, which only Unix has");
        }
        ModuleBuild.Run(options);
        Tool.Must([.. Tool.Cargo, "build", "--release", "--package", "bench"]);
        if (options.PartOfBench == "counts")
        {
            return Counted();
        }
        Tool.Must("dotnet", "publish", Places.At("crates", "bench", "empty-module"), "-c", "Release",
            "-o", Places.At("out", "bench", "empty-module"), "--nologo", "-v", options.Verbose ? "normal" : "quiet");
        // A quick look is no picture of anything, and leaves out what is not quick.
        return options.Quick ? Contenders(options, "--quick") : All(options);
    }

    /// <summary>Everything, whatever became of what was before; the worst status.</summary>
    private static int All(Options options)
    {
        int worst = Contenders(options, "--picture", Places.At("docs", "bench.svg"));
        worst = Math.Max(worst, Parts());
        if (Tool.Exists("valgrind"))
        {
            return Math.Max(worst, Counted());
        }
        Console.WriteLine("left out: counts of instructions, for there is no valgrind on PATH");
        return worst;
    }

    private static int Contenders(Options options, params string[] kind)
    {
        string[] pwsh = options.PowerShell is { } program ? ["--pwsh", program] : [];
        return Tool.Run([s_bench, "run", .. pwsh, .. kind]);
    }

    private static int Counted() => Tool.Run(s_bench, "counts");

    private static int Parts() => Tool.Run([.. Tool.Cargo, "bench", "--package", "bench", "--bench", "parts"]);
}
