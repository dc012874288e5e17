using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace MgUpload.Build;

/// <summary>
/// A test of what an upload costs: instructions, counted by valgrind, against crates/bench/baseline.json. They are of the
/// release build, which the task Test makes anyway; only the program that counts is built here, without optimising it.
/// </summary>
internal static class Counts
{
    /// <summary>Why this machine, or this configuration, has no counts to check; null where it has.</summary>
    public static string? WhyNot(Options options) =>
        !Tool.Exists("valgrind") ? "there is no valgrind on PATH"
        : !options.IsRelease ? "they are of the release build"
        : null;

    public static Outcome Run(List<string> leftOut)
    {
        Tool.Must([.. Tool.Cargo, "build", "--package", "bench", "--bin", "bench"]);
        string report = Path.Combine(Places.Results, "counts.json");
        int status = Tool.Run(Path.Combine(Places.Target, "debug", Places.Program("bench")), "counts", "--report", report);
        if (!File.Exists(report))
        {
            return Outcome.Broken;
        }
        using JsonDocument counts = JsonDocument.Parse(File.ReadAllText(report));
        if (counts.RootElement.GetProperty("leftOut").GetString() is { } why)
        {
            leftOut.Add(LeftOut(why));
            return default;
        }
        int Count(string name) => counts.RootElement.GetProperty(name).GetInt32();
        return new Outcome(Count("passed"), Count("failed"), 0).EndedWith(status);
    }

    public static string LeftOut(string why) => $"the counts of instructions (crates/bench): {why}";
}
