using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace MgUpload.Build;

/// <summary>
/// The task Test: all runners, whatever becomes of those before; then a table, what was left out, and the sum as the last line.
/// </summary>
internal static class Tests
{
    private sealed record Row(string Name, Outcome Outcome, TimeSpan Took);

    public static int Run(Options options)
    {
        if (Directory.Exists(Places.Results))
        {
            Directory.Delete(Places.Results, recursive: true);
        }
        Directory.CreateDirectory(Places.Results);

        var leftOut = new List<string>();
        var rows = new List<Row>();
        bool Add(string name, Func<Outcome> runner)
        {
            Console.WriteLine($"== {name}");
            var clock = Stopwatch.StartNew();
            Outcome outcome;
            try
            {
                outcome = runner();
            }
            catch (Exception error) when (error is BuildFailure or IOException or UnauthorizedAccessException)
            {
                Console.WriteLine($"{name} broke: {error.Message}");
                outcome = Outcome.Broken;
            }
            rows.Add(new Row(name, outcome, clock.Elapsed));
            return outcome.Failed == 0;
        }

        Add("rustfmt", Runners.Rustfmt);
        Add("clippy", Runners.Clippy);
        Add("cargo test", Runners.CargoTest);
        if (Add("build", () => Build(options)))
        {
            Add("dotnet test", () => Runners.DotnetTest(options));
            if (OperatingSystem.IsWindows())
            {
                leftOut.Add("the C example (examples/upload.c): it is written for POSIX");
            }
            else
            {
                Add("C example", CExample.Run);
                if (!Tool.Exists("valgrind"))
                {
                    leftOut.Add("the C example under valgrind: there is no valgrind on PATH");
                }
                if (Counts.WhyNot(options) is { } why)
                {
                    leftOut.Add(Counts.LeftOut(why));
                }
                else
                {
                    Add("counts", () => Counts.Run(leftOut));
                }
            }
            if (options.PowerShell is { } pwsh)
            {
                Add("Pester", () => Runners.Pester(pwsh));
            }
            else
            {
                leftOut.Add($"the tests of the module in PowerShell (tests/pester): {options.NoPowerShell}");
            }
        }
        else
        {
            leftOut.Add("all tests of the module and of the C example: the build failed");
        }
        return Report(rows, leftOut);
    }

    private static Outcome Build(Options options)
    {
        ModuleBuild.Run(options);
        return default;
    }

    private static int Report(List<Row> rows, List<string> leftOut)
    {
        Console.WriteLine();
        Console.WriteLine($"{"",-12} {"passed",7} {"failed",7} {"skipped",7} {"seconds",8}");
        foreach (Row row in rows)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{row.Name,-12} {row.Outcome.Passed,7} {row.Outcome.Failed,7} {row.Outcome.Skipped,7} {row.Took.TotalSeconds,8:F1}"));
        }
        if (leftOut.Count > 0)
        {
            Console.WriteLine();
            Console.WriteLine("left out:");
            foreach (string what in leftOut)
            {
                Console.WriteLine($"- {what}");
            }
        }
        Outcome sum = rows.Aggregate(default(Outcome), (sum, row) => sum + row.Outcome);
        Console.WriteLine();
        Console.WriteLine($"{sum.Passed} passed, {sum.Failed} failed, {sum.Skipped} skipped");
        return sum.Failed == 0 ? 0 : 1;
    }
}
