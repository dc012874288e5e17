using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// Where Azure.Identity and what it needs are loaded: beside other versions of them that other modules have, and not before somebody
/// signs in. What is compiled ahead of time for this system goes before what serves all.
/// </summary>
internal sealed class SignInContext : AssemblyLoadContext
{
    private static readonly Lazy<Func<SignInRequest, ICredential>> s_make = new(Enter);

    private static readonly Assembly[] s_shared = [typeof(ICredential).Assembly, typeof(MgUploadException).Assembly];

    private readonly string[] _folders;
    private readonly Dictionary<string, string> _platform;

    private SignInContext(string folder) : base("MgUpload.SignIn")
    {
        string ahead = Path.Combine(folder, Platform.Rid);
        string windows = Path.Combine(folder, "runtimes", "win", "lib", "netstandard2.0");
        _folders = OperatingSystem.IsWindows() ? [ahead, windows, folder] : [ahead, folder];
        string known = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? string.Empty;
        _platform = known.Split(Path.PathSeparator).Where(static path => path.Length > 0).GroupBy(static path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static same => same.Key, static same => same.First(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Makes a credential.</summary>
    internal static ICredential Credential(SignInRequest request) => s_make.Value(request);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (s_shared.FirstOrDefault(shared => shared.GetName().Name == assemblyName.Name) is { } shared)
        {
            return shared;
        }
        return Own(assemblyName.Name) is { } path && !IsOfPlatform(assemblyName) ? LoadFromAssemblyPath(path) : null;
    }

    private string? Own(string? name) => _folders.Select(folder => Path.Combine(folder, $"{name}.dll")).FirstOrDefault(File.Exists);

    /// <summary>Whether PowerShell and .NET bring one that is new enough: it is shared then with everybody.</summary>
    private bool IsOfPlatform(AssemblyName wanted) =>
        wanted.Name is not null && _platform.TryGetValue(wanted.Name, out string? path) && AssemblyName.GetAssemblyName(path).Version >= wanted.Version;

    private static Func<SignInRequest, ICredential> Enter()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(SignInContext).Assembly.Location) ?? string.Empty, "signin");
        var context = new SignInContext(folder);
        string path = context.Own("MgUpload.SignIn")
            ?? throw new MgUploadException(ErrorKind.AbiMismatch, $"The module's part for signing in is missing: {Path.Combine(folder, "MgUpload.SignIn.dll")}.");
        MethodInfo make = context.LoadFromAssemblyPath(path).GetType("MgUpload.SignIn.Credential", throwOnError: true)!
            .GetMethod("Make", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;
        return make.CreateDelegate<Func<SignInRequest, ICredential>>();
    }
}
