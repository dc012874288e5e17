using System;
using System.IO;
using System.Runtime.InteropServices;

namespace MgUpload.Build;

/// <summary>Where things lie and what they are called on this system.</summary>
internal static class Places
{
    /// <summary>The work tree.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>The module, ready to be imported.</summary>
    public static readonly string Module = At("out", "MgUpload");

    /// <summary>Programs for the demo and for tests, and the library that they use.</summary>
    public static readonly string Tools = At("out", "tools");

    /// <summary>What the runners of the tests leave behind.</summary>
    public static readonly string Results = At("out", "test-results");

    public static readonly string Standin = Path.Combine(Tools, Program("graph-standin"));

    /// <summary>examples/upload.c, compiled.</summary>
    public static readonly string Upload = Path.Combine(Tools, "upload");

    /// <summary>The C ABI's file name: what the header's mg_upload.h is to its crate, and what the module's loader asks for.</summary>
    public static readonly string Library = SharedLibrary("mg_upload");

    /// <summary>The same as cargo calls it, for two crates of a workspace cannot have one name.</summary>
    public static readonly string LibraryOfCargo = SharedLibrary("mg_upload_ffi");

    /// <summary>cargo's output; CARGO_TARGET_DIR moves it.</summary>
    public static readonly string Target =
        Environment.GetEnvironmentVariable("CARGO_TARGET_DIR") is { Length: > 0 } set ? Path.GetFullPath(set) : At("target");

    /// <summary>The system's name in the folder runtimes, as the module's loader spells it.</summary>
    public static string Rid
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win"
                : OperatingSystem.IsMacOS() ? "osx"
                : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
                : "linux";
            return $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Program(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;

    /// <summary>Requests to the stand-in go to it, whatever proxy the machine uses.</summary>
    public static void KeepLoopbackDirect()
    {
        foreach (string name in new[] { "NO_PROXY", "no_proxy" })
        {
            Environment.SetEnvironmentVariable(name, $"127.0.0.1,localhost,{Environment.GetEnvironmentVariable(name)}".TrimEnd(','));
        }
    }

    private static string SharedLibrary(string name) => OperatingSystem.IsWindows() ? name + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cargo.toml")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new BuildFailure($"no Cargo.toml above {AppContext.BaseDirectory}");
    }
}
