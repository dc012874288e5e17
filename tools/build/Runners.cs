using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MgUpload.Build;

/// <summary>The runners that other people wrote: how each is called, and how its counts are read.</summary>
internal static class Runners
{
    public static Outcome Rustfmt() => Outcome.Of(Tool.Run([.. Tool.Cargo, "fmt", "--all", "--check"]) == 0);

    public static Outcome Clippy() =>
        Outcome.Of(Tool.Run([.. Tool.Cargo, "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]) == 0);

    /// <summary>All Rust tests, in the profile that checks most (debug assertions, overflow).</summary>
    public static Outcome CargoTest()
    {
        string[] shown = Tool.Verbose ? ["--", "--show-output"] : [];
        Environment.SetEnvironmentVariable("MGUPLOAD_SHOW_MATRIX", Tool.Verbose ? "1" : null);
        (int status, string output) = Tool.Capture(Log("cargo"), quiet: false, [.. Tool.Cargo, "test", "--workspace", "--no-fail-fast", .. shown]);
        Outcome sum = default;
        foreach (Match line in Regex.Matches(output, @"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", RegexOptions.Multiline))
        {
            sum += new Outcome(Number(line, 1), Number(line, 2), Number(line, 3));
        }
        return Shown(sum.EndedWith(status), output);
    }

    public static Outcome DotnetTest(Options options)
    {
        Outcome sum = default;
        foreach (string project in Directory.GetFiles(Places.At("tests", "dotnet"), "*.csproj", SearchOption.AllDirectories).Order())
        {
            string name = Path.GetFileNameWithoutExtension(project);
            (int status, string output) = Tool.Capture(Log(name), quiet: false, "dotnet", "test", project, "-c", options.Configuration,
                "--nologo", "-v", "quiet", "--logger", "console;verbosity=minimal",
                "--logger", $"trx;LogFileName={name}.trx", "--results-directory", Places.Results);
            string report = Path.Combine(Places.Results, name + ".trx");
            Outcome counted = File.Exists(report) ? Trx(report) : default;
            sum += Shown(counted.EndedWith(status), output);
        }
        return sum.EndedWith(0);
    }

    /// <summary>Pester in a PowerShell of its own: what a test loads is gone with it.</summary>
    public static Outcome Pester(string pwsh)
    {
        string report = Path.Combine(Places.Results, "pester.json");
        Environment.SetEnvironmentVariable("MGUPLOAD_STANDIN", Places.Standin);
        (int status, string output) = Tool.Capture(Log("pester"), quiet: false,
            [.. Tool.Pwsh(pwsh), "-File", Places.At("tools", "build", "pester.ps1"), "-Report", report]);
        if (!File.Exists(report))
        {
            return Shown(Outcome.Broken, output);
        }
        using JsonDocument counts = JsonDocument.Parse(File.ReadAllText(report));
        int Count(string name) => counts.RootElement.GetProperty(name).GetInt32();
        return Shown(new Outcome(Count("passed"), Count("failed"), Count("skipped")).EndedWith(status), output);
    }

    /// <summary>Skipped tests are those that were found and not executed; the counter for them is not filled in.</summary>
    private static Outcome Trx(string report)
    {
        XElement counters = XDocument.Load(report).Descendants().First(element => element.Name.LocalName == "Counters");
        int Count(string name) => (int)counters.Attribute(name)!;
        return new Outcome(Count("passed"), Count("executed") - Count("passed"), Count("total") - Count("executed"));
    }

    /// <summary>The output of a runner that failed is what one wants to read; the others' is in their log.</summary>
    private static Outcome Shown(Outcome outcome, string output)
    {
        if (outcome.Failed > 0 && !Tool.Verbose)
        {
            Console.Write(output);
        }
        return outcome;
    }

    private static string Log(string name) => Path.Combine(Places.Results, name + ".log");

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan);
}
