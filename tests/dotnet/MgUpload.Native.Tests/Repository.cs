using System;
using System.IO;
using System.Runtime.CompilerServices;
using MgUpload.Native.Abi;

namespace MgUpload.Native.Tests;

/// <summary>Where things lie in this repository.</summary>
internal static class Repository
{
    internal static readonly string Root = FindRoot();

    /// <summary>The tests run on the library of the last build, unless the variable names another.</summary>
    [ModuleInitializer]
    internal static void UseBuiltLibrary()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Library.PathVariable)))
        {
            string file = OperatingSystem.IsWindows() ? "mg_upload.dll" : OperatingSystem.IsMacOS() ? "libmg_upload.dylib" : "libmg_upload.so";
            string published = Path.GetDirectoryName(Library.FilePath())!;
            string platform = Path.GetFileName(Path.GetDirectoryName(published)!);
            Environment.SetEnvironmentVariable(Library.PathVariable, Path.Combine(Root, "out", "MgUpload", "runtimes", platform, "native", file));
        }
    }

    internal static string Header() => File.ReadAllText(Path.Combine(Root, "crates", "mg-upload-ffi", "include", "mg_upload.h"));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cargo.toml")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new DirectoryNotFoundException("the root of the repository");
    }
}
