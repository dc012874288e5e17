using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace MgUpload.Build;

/// <summary>
/// Tests of the C ABI from C: the example is compiled with warnings as errors (by the build), and uploads to the stand-in,
/// once under valgrind.
/// </summary>
internal static class CExample
{
    private const int Step = 320 * 1024 /* Graph's step */;

    public static Outcome Run()
    {
        using var folder = new ScratchFolder();
        string large = folder.MakeFile("large.bin", (10 * Step) + 7);
        string small = folder.MakeFile("small.bin", 1);
        string watched = folder.MakeFile("watched.bin", (2 * Step) + 1);
        string[] chunk = ["--chunk", $"{Step}"];

        var tests = new Dictionary<string, Func<bool>>
        {
            ["two files at once, in chunks"] = () => Uploads([], [.. chunk, "--parallel", "2", large, small], large, small),
            ["a missing file fails, and the other one arrives"] = () => Uploads([], ["no-such-file", small], expected: 1, small),
            ["a refused token"] = () => Uploads([], ["--token", "expired", small], expected: 1),
            ["a bad command line"] = () => Uploads([], ["--chunk"], expected: 2),
            ["a size that is no number"] = () => Uploads([], ["--chunk", "10MB", small], expected: 2),
        };
        if (Tool.Exists("valgrind"))
        {
            string[] valgrind = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"];
            tests["under valgrind"] = () => Uploads(valgrind, [.. chunk, watched], watched);
            tests["a refused token, under valgrind"] = () => Uploads(valgrind, ["--token", "expired", small], expected: 1);
        }

        Outcome sum = default;
        foreach ((string name, Func<bool> test) in tests)
        {
            bool passed = test();
            Console.WriteLine($"{(passed ? "passed" : "FAILED")}: {name}");
            sum += Outcome.Of(passed);
        }
        return sum;
    }

    private static bool Uploads(string[] under, string[] arguments, params string[] files) => Uploads(under, arguments, 0, files);

    /// <summary>Whether the example ends with that status, the files have arrived whole, and no rule was broken.</summary>
    private static bool Uploads(string[] under, string[] arguments, int expected, params string[] files)
    {
        using var standin = new Standin();
        (int status, string output) = Tool.Capture(log: null, quiet: true,
            [.. under, Places.Upload, "--graph", standin.Graph, "--token", "test", "--user", "user", "--drive", "drive", "--quiet", .. arguments]);
        List<string> faults = [.. standin.Violations()];
        if (status != expected)
        {
            faults.Add($"exit status {status}, expected {expected}");
        }
        foreach (string file in files)
        {
            string? stored = standin.StoredHash(Path.GetFileName(file), new FileInfo(file).Length);
            if (stored != ScratchFolder.Hash(file))
            {
                faults.Add($"{Path.GetFileName(file)} has not arrived whole");
            }
        }
        if (faults.Count > 0)
        {
            Console.WriteLine(string.Join('\n', faults.Append(output)));
        }
        return faults.Count == 0;
    }
}
