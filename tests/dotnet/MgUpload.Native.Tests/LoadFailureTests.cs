using MgUpload.Native.Abi;
using Xunit;

namespace MgUpload.Native.Tests;

/// <summary>What is said of a library that cannot be loaded.</summary>
public sealed class LoadFailureTests
{
    /// <summary>As dlopen of Debian 11 says it, once for each way that .NET tries.</summary>
    private const string OldGlibc = """
        Unable to load shared library '/m/libmg_upload.so' or one of its dependencies.
        /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.9' not found (required by /m/libmg_upload.so)
        /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /m/libmg_upload.so)
        """;

    [Fact]
    public void AModuleForOtherSystemsNamesThemAndThisOne() =>
        Assert.Equal("This module is for linux-x64, osx-arm64, and this PowerShell is win-x64.", LoadFailure.Describe("/m/mg_upload.dll", ["linux-x64", "osx-arm64"], "win-x64", "not found"));

    [Fact]
    public void AGlibcThatIsTooOldIsSaidByTheNewestVersionThatIsMissing() =>
        Assert.Equal("/m/libmg_upload.so needs glibc 2.34 or later, and this system has an older one.", LoadFailure.Describe("/m/libmg_upload.so", null, "linux-x64", OldGlibc));

    [Theory]
    [InlineData("no such file\n")]
    [InlineData("the file was compiled with GLIBC_2.34")]
    public void AnythingElseIsToldAsTheLoaderHasIt(string reason)
    {
        Assert.Equal($"/m/x cannot be loaded: {reason.TrimEnd()}", LoadFailure.Describe("/m/x", null, "linux-x64", reason));
        Assert.Equal($"/m/x cannot be loaded: {reason.TrimEnd()}", LoadFailure.Describe("/m/x", ["linux-x64"], "linux-x64", reason));
        Assert.Equal($"/m/x cannot be loaded: {reason.TrimEnd()}", LoadFailure.Describe("/m/x", [], "linux-x64", reason));
    }
}
