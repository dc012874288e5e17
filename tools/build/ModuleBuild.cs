using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace MgUpload.Build;

/// <summary>
/// The task Build: cargo first, then the C example, the help, and the module. Leaves out/MgUpload, ready to be imported, and
/// out/tools. Every step is quick when nothing has changed.
/// </summary>
internal static class ModuleBuild
{
    private static readonly string[] s_moduleFiles = ["MgUpload.psd1", "MgUpload.Format.ps1xml", "MgUpload.Types.ps1xml"];

    public static void Run(Options options)
    {
        string[] packages = ["--package", "mg-upload-ffi", "--package", "graph-standin", "--package", "cmdlet-table"];
        Tool.Must([.. Tool.Cargo, "build", .. packages, .. options.IsRelease ? ["--release"] : Array.Empty<string>()]);
        string built = Path.Combine(Places.Target, options.IsRelease ? "release" : "debug");
        Copy(Path.Combine(built, Path.GetFileName(Places.Standin)), Places.Standin);
        string library = Path.Combine(built, Places.LibraryOfCargo);
        if (Copy(library, Path.Combine(Places.Tools, Places.Library)) && OperatingSystem.IsMacOS())
        {
            // cargo writes its own folder into the library, and the C example would look for it there.
            Tool.Must("install_name_tool", "-id", "@rpath/" + Places.Library, Path.Combine(Places.Tools, Places.Library));
        }
        if (!OperatingSystem.IsWindows())
        {
            CompileExample();
        }
        AssembleModule(options, library, CompileHelp(Path.Combine(built, Places.Program("cmdlet-table"))));
        Console.WriteLine($"built: {Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(Places.Module, "MgUpload.psd1"))}");
    }

    /// <summary>examples/upload.c is written for POSIX and built where cc is a compiler of that kind.</summary>
    private static void CompileExample()
    {
        string source = Places.At("examples", "upload.c");
        string include = Places.At("crates", "mg-upload-ffi", "include");
        string[] inputs = [source, Path.Combine(include, "mg_upload.h"), Path.Combine(Places.Tools, Places.Library)];
        if (File.Exists(Places.Upload) && inputs.All(input => File.GetLastWriteTimeUtc(input) < File.GetLastWriteTimeUtc(Places.Upload)))
        {
            return;
        }
        string origin = OperatingSystem.IsMacOS() ? "@loader_path" : "$ORIGIN";
        Tool.Must("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread", "-I", include, "-o", Places.Upload, source,
            "-L", Places.Tools, "-lmg_upload", "-Wl,-rpath," + origin);
    }

    /// <summary>The help pages as Get-Help reads them; the folder with them.</summary>
    private static string CompileHelp(string cmdletTable)
    {
        string help = Places.At("out", "help");
        Tool.Must(cmdletTable, "help", help);
        return help;
    }

    private static void AssembleModule(Options options, string library, string help)
    {
        string published = Publish(options);
        var files = new Dictionary<string, string> { [Path.Combine("runtimes", Places.Rid, "native", Places.Library)] = library };
        foreach (string file in Directory.EnumerateFiles(published).Where(file => Path.GetExtension(file) is ".dll" or ".pdb"))
        {
            files[Path.GetFileName(file)] = file;
        }
        foreach (string file in Directory.EnumerateFiles(help))
        {
            files[Path.Combine("en-US", Path.GetFileName(file))] = file;
        }
        foreach (string name in s_moduleFiles)
        {
            files[name] = Places.At("pwsh-module", name);
        }
        foreach (string name in new[] { "LICENSE-MIT", "LICENSE-APACHE" })
        {
            files[name] = Places.At(name);
        }
        foreach ((string name, string from) in files)
        {
            Copy(from, Path.Combine(Places.Module, name));
        }
        // What an earlier build left, and this one does not make, would be imported or shipped.
        foreach (string file in Directory.EnumerateFiles(Places.Module, "*", SearchOption.AllDirectories))
        {
            if (!files.ContainsKey(Path.GetRelativePath(Places.Module, file)))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>The module's assemblies, compiled ahead of time for this system where that can be done; the folder with them.</summary>
    private static string Publish(Options options)
    {
        string published = Places.At("out", "publish", options.Configuration);
        if (Directory.Exists(published))
        {
            Directory.Delete(published, recursive: true);
        }
        string project = Places.At("pwsh-module", "src", "MgUpload");
        string[] ahead = options.IsRelease ? ["--runtime", Places.Rid, "-p:PublishReadyToRun=true"] : [];
        // The compiler is a package, which a mirror of NuGet may lack.
        if (ahead.Length > 0 && Tool.Capture(log: null, quiet: true, ["dotnet", "restore", project, .. ahead]).Status != 0)
        {
            Console.WriteLine($"The module is not compiled ahead of time, and first calls take longer: NuGet has no crossgen2 for {Places.Rid}, or not the framework for it.");
            ahead = [];
        }
        Tool.Must(["dotnet", "publish", project, "-c", options.Configuration, "-o", published, .. ahead,
            "--nologo", "-v", options.Verbose ? "normal" : "quiet"]);
        return published;
    }

    /// <summary>
    /// Copies what has changed; whether it did. The new file takes the old one's place whole: a process that has the old
    /// one mapped keeps it.
    /// </summary>
    private static bool Copy(string from, string to)
    {
        if (File.Exists(to) && SameBytes(from, to))
        {
            return false;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        string fresh = $"{to}.{Environment.ProcessId}";
        File.Copy(from, fresh, overwrite: true);
        File.SetLastWriteTimeUtc(fresh, DateTime.UtcNow);
        File.Move(fresh, to, overwrite: true);
        return true;
    }

    private static bool SameBytes(string one, string other)
    {
        using FileStream left = File.OpenRead(one);
        using FileStream right = File.OpenRead(other);
        return left.Length == right.Length && SHA256.HashData(left).AsSpan().SequenceEqual(SHA256.HashData(right));
    }
}
