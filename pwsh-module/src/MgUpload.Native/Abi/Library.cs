using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>Finds the native library beside this assembly and refuses one of another ABI.</summary>
internal static class Library
{
    /// <summary>The ABI that <see cref="NativeMethods"/> declares.</summary>
    public const uint AbiVersion = 1;

    /// <summary>Points at another library, for tests.</summary>
    public const string PathVariable = "MGUPLOAD_NATIVE_LIBRARY";

    private static readonly object s_gate = new();
    private static nint s_library;
    private static bool s_checked;

    static Library() => NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, static (name, _, _) => name == NativeMethods.LibraryName ? s_library : 0);

    /// <summary>To be called before any other export.</summary>
    public static void Check()
    {
        lock (s_gate)
        {
            if (s_checked)
            {
                return;
            }
            // Not by the resolver: an exception would have to pass the runtime's own code, which does not go well everywhere.
            s_library = Load(FilePath());
            uint found = NativeMethods.AbiVersion();
            if (found != AbiVersion)
            {
                throw new MgUploadException(ErrorKind.AbiMismatch, $"{FilePath()} has ABI {found}, and this module needs ABI {AbiVersion}.")
                {
                    Advice = "Install the module anew: its files come from different versions.",
                };
            }
            s_checked = true;
        }
    }

    /// <summary>The library's full path.</summary>
    public static string FilePath()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path)
        {
            return path;
        }
        string folder = Path.GetDirectoryName(typeof(Library).Assembly.Location) ?? string.Empty;
        return Path.Combine(folder, "runtimes", Platform.Rid, "native", FileName());
    }

    private static nint Load(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            bool isMissing = !File.Exists(path);
            throw new MgUploadException(ErrorKind.AbiMismatch, LoadFailure.Describe(path, isMissing ? Others() : null, Platform.Rid, error.Message), error)
            {
                Advice = LoadFailure.Advice(Platform.Rid),
            };
        }
    }

    /// <summary>The systems that this module has a library for.</summary>
    private static string[] Others()
    {
        string runtimes = Path.Combine(Path.GetDirectoryName(typeof(Library).Assembly.Location) ?? string.Empty, "runtimes");
        return Directory.Exists(runtimes) ? [.. Directory.GetDirectories(runtimes).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)] : [];
    }

    private static string FileName() => OperatingSystem.IsWindows() ? "mg_upload.dll" : OperatingSystem.IsMacOS() ? "libmg_upload.dylib" : "libmg_upload.so";
}
