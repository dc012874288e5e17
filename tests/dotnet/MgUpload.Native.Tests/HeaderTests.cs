using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MgUpload.Native.Abi;
using Xunit;

namespace MgUpload.Native.Tests;

/// <summary>The imports are those of the committed header: names, order, argument counts, layouts, numbers.</summary>
public sealed class HeaderTests
{
    private static readonly string s_header = Regex.Replace(Repository.Header(), "//[^\n]*|/\\*.*?\\*/", string.Empty, RegexOptions.Singleline);

    [Fact]
    public void FunctionsAreThoseOfTheHeader()
    {
        string[] declared = Regex.Matches(s_header, @"\b(mgu_\w+)\s*\(([^)]*)\)\s*;")
            .Select(static match => $"{match.Groups[1].Value}/{Arguments(match.Groups[2].Value)}")
            .ToArray();
        string[] imported = typeof(NativeMethods).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(static method => method.GetCustomAttribute<UnmanagedCallConvAttribute>() is not null)
            .OrderBy(static method => method.MetadataToken)
            .Select(static method => $"{Entry(method)}/{method.GetParameters().Length}")
            .ToArray();
        Assert.Equal(declared, imported);
    }

    [Fact]
    public void AbiVersionIsTheHeaders() => Assert.Equal(Regex.Match(s_header, @"#define MGU_ABI_VERSION (\d+)").Groups[1].Value, Library.AbiVersion.ToString());

    [Theory]
    [InlineData("mgu_client_options", typeof(NativeClientOptions))]
    [InlineData("mgu_upload_options", typeof(NativeUploadOptions))]
    [InlineData("mgu_progress", typeof(NativeProgress))]
    [InlineData("mgu_text", typeof(NativeText))]
    public void StructsAreThoseOfTheHeader(string name, Type type)
    {
        string body = Regex.Match(s_header, @"typedef struct (?:\w+ )?\{([^}]*)\}\s*" + name + ";").Groups[1].Value;
        string[] fields = [.. body.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(fields.Length, type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length);
        int size = 0;
        foreach (string field in fields)
        {
            int width = Width(field);
            int alignment = Math.Min(width, 8);
            size = ((size + alignment - 1) / alignment * alignment) + width;
        }
        int expected = (size + 7) / 8 * 8;
        Assert.Equal(expected, Marshal.SizeOf(type));
    }

    [Fact]
    public void KindsHaveTheNumbersOfTheHeader()
    {
        Dictionary<string, int> declared = Regex.Matches(s_header, @"MGU_STATUS_(\w+) = (\d+)")
            .ToDictionary(static match => match.Groups[1].Value.Replace("_", string.Empty, StringComparison.Ordinal), static match => int.Parse(match.Groups[2].Value), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(0, declared["OK"]);
        Assert.Equal(1, declared["PENDING"]);
        Assert.Equal(2, declared["END"]);
        Assert.Equal(3, declared["TOKENWANTED"]);
        Assert.Equal(declared.Count - 4, Enum.GetValues<ErrorKind>().Length);
        Assert.All(Enum.GetValues<ErrorKind>(), kind => Assert.Equal(declared[kind.ToString()], (int)kind));
    }

    [Fact]
    public void FlagsHaveTheNumbersOfTheHeader()
    {
        Dictionary<string, int> declared = Regex.Matches(s_header, @"#define MGU_((?:RESUME|UPLOAD)_\w+) (\d+)")
            .ToDictionary(static match => match.Groups[1].Value.Replace("_", string.Empty, StringComparison.Ordinal), static match => int.Parse(match.Groups[2].Value), StringComparer.OrdinalIgnoreCase);
        UploadFlags[] own = [.. Enum.GetValues<UploadFlags>().Where(static flag => flag != UploadFlags.None)];
        Assert.Equal(declared.Count, own.Length);
        Assert.All(own, flag => Assert.Equal(declared[flag.ToString()], (int)flag));
    }

    [Fact]
    public void PhasesHaveTheNumbersOfTheHeader()
    {
        string[] declared = [.. Regex.Matches(s_header, @"MGU_PHASE_(\w+) = (\d+)").Select(static match => $"{match.Groups[1].Value} {match.Groups[2].Value}")];
        Assert.Equal(declared, Enum.GetValues<Phase>().Select(static phase => $"{phase.ToString().ToUpperInvariant()} {(int)phase}"));
    }

    [Fact]
    public void ReasonsHaveTheNumbersOfTheHeader()
    {
        string[] declared = [.. Regex.Matches(s_header, @"MGU_WAIT_(\w+) = (\d+)").Select(static match => $"{match.Groups[1].Value.Replace("_", string.Empty, StringComparison.Ordinal)} {match.Groups[2].Value}")];
        Assert.Equal(declared, Enum.GetValues<PauseReason>().Select(static reason => $"{reason.ToString().ToUpperInvariant()} {(int)reason}"));
    }

    private static int Arguments(string list) => list.Trim() is "void" or "" ? 0 : list.Split(',').Length;

    /// <summary>LibraryImport leaves no attribute behind; its inner import keeps the name of the export.</summary>
    private static string Entry(MethodInfo method) => "mgu_" + Regex.Replace(method.Name, "(?<!^)([A-Z])", "_$1").ToLowerInvariant();

    private static int Width(string field) => field switch
    {
        _ when field.Contains("mgu_text", StringComparison.Ordinal) => 2 * Unsafe.SizeOf<nint>(),
        _ when field.Contains('*', StringComparison.Ordinal) || field.Contains("size_t", StringComparison.Ordinal) => Unsafe.SizeOf<nint>(),
        _ when field.Contains("uint64_t", StringComparison.Ordinal) => sizeof(ulong),
        _ when field.Contains("uint32_t", StringComparison.Ordinal) || field.Contains("mgu_phase", StringComparison.Ordinal) => sizeof(uint),
        _ => throw new NotSupportedException(field),
    };
}
