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
/// signs in.
/// </summary>
internal sealed class SignInContext : AssemblyLoadContext
{
    private static readonly Lazy<Func<SignInRequest, ICredential>> s_make = new(Enter);

    private static readonly Assembly[] s_shared = [typeof(ICredential).Assembly, typeof(MgUploadException).Assembly];

    private readonly string _folder;
    private readonly Dictionary<string, string> _platform;

    private SignInContext(string folder) : base("MgUpload.SignIn")
    {
        _folder = folder;
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
        string own = Path.Combine(_folder, $"{assemblyName.Name}.dll");
        string windows = Path.Combine(_folder, "runtimes", "win", "lib", "netstandard2.0", $"{assemblyName.Name}.dll");
        string path = OperatingSystem.IsWindows() && File.Exists(windows) ? windows : own;
        return File.Exists(path) && !IsOfPlatform(assemblyName) ? LoadFromAssemblyPath(path) : null;
    }

    /// <summary>Whether PowerShell and .NET bring one that is new enough: it is shared then with everybody.</summary>
    private bool IsOfPlatform(AssemblyName wanted) =>
        wanted.Name is not null && _platform.TryGetValue(wanted.Name, out string? path) && AssemblyName.GetAssemblyName(path).Version >= wanted.Version;

    private static Func<SignInRequest, ICredential> Enter()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(SignInContext).Assembly.Location) ?? string.Empty, "signin");
        string path = Path.Combine(folder, "MgUpload.SignIn.dll");
        if (!File.Exists(path))
        {
            throw new MgUploadException(ErrorKind.AbiMismatch, $"The module's part for signing in is missing: {path}.");
        }
        MethodInfo make = new SignInContext(folder).LoadFromAssemblyPath(path).GetType("MgUpload.SignIn.Credential", throwOnError: true)!
            .GetMethod("Make", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;
        return make.CreateDelegate<Func<SignInRequest, ICredential>>();
    }
}
