using System;
using System.Collections.Generic;

namespace MgUpload.Build;

/// <summary>
/// The command line, which has PowerShell's form in both scripts: test -Configuration Debug. The task is the first word, or
/// -Task names it. Behind the first word -Task says which of the task's parts is meant: bench -Task Counts.
/// </summary>
internal sealed class Options
{
    private static readonly string[] s_tasks = ["build", "test", "demo", "bench", "docs", "package"];
    private static readonly string[] s_partsOfBench = ["all", "counts", "parts"];

    /// <summary>What to do, in lower case.</summary>
    public string Task { get; private set; } = "build";

    /// <summary>Release, or Debug.</summary>
    public string Configuration { get; private set; } = "Release";

    /// <summary>The file that the demo uploads; null for one that it makes.</summary>
    public string? Path { get; private set; }

    /// <summary>Whether the benchmark is to be small: it shows that everything works.</summary>
    public bool Quick { get; private set; }

    /// <summary>What of the benchmark is wanted, in lower case: all, counts or parts.</summary>
    public string PartOfBench { get; private set; } = "all";

    /// <summary>Whether the tools' output is shown as it comes.</summary>
    public bool Verbose { get; private set; }

    /// <summary>The PowerShell to test with: its program, or its pwsh.dll; null without one.</summary>
    public string? PowerShell { get; private set; }

    /// <summary>Why there is no PowerShell.</summary>
    public string NoPowerShell { get; private set; } = "none was named (-PowerShell)";

    /// <summary>Whether cargo builds its release profile.</summary>
    public bool IsRelease => Configuration == "Release";

    public static Options Parse(string[] words)
    {
        var options = new Options();
        var rest = new Queue<string>(words);
        bool named = rest.TryPeek(out string? first) && !first.StartsWith('-');
        if (named)
        {
            options.Task = OneOf(rest.Dequeue(), s_tasks);
        }
        while (rest.TryDequeue(out string? word))
        {
            string Value() => rest.TryDequeue(out string? value) ? value : throw Bad($"{word} needs a value");
            switch (word.ToLowerInvariant())
            {
                case "-task" when !named: options.Task = OneOf(Value(), s_tasks); break;
                case "-task" when options.Task == "bench": options.PartOfBench = OneOf(Value(), s_partsOfBench); break;
                case "-task": throw Bad("-Task names a part of the task bench, and of no other");
                case "-configuration": options.Configuration = OneOf(Value(), "Release", "Debug"); break;
                case "-path": options.Path = System.IO.Path.GetFullPath(Value()); break;
                case "-quick": options.Quick = true; break;
                case "-verbose": options.Verbose = true; break;
                case "-powershell": options.PowerShell = Value(); break;
                case "-nopowershell": options.NoPowerShell = Value(); break;
                default: throw Bad($"{word} is no parameter");
            }
        }
        if (options.Path is not null && options.Task != "demo")
        {
            throw Bad("-Path belongs to the task demo");
        }
        if (options.Quick && (options.Task != "bench" || options.PartOfBench != "all"))
        {
            throw Bad("-Quick belongs to the whole of the task bench");
        }
        Tool.Verbose = options.Verbose;
        return options;
    }

    private static string OneOf(string value, params string[] allowed) =>
        Array.Find(allowed, one => one.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw Bad($"{value} is none of {string.Join(", ", allowed)}");

    private static BuildFailure Bad(string message) =>
        new($"{message}. Usage: build.sh build|test|demo|bench|docs|package [-Configuration Release|Debug] [-Path FILE] [-Quick | -Task All|Counts|Parts] [-Verbose]", 2);
}
