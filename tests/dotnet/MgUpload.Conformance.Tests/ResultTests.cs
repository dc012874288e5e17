using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using MgUpload.Native;
using MgUpload.Requests;
using MgUpload.Results;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>What is made of the core's answers.</summary>
public sealed class ResultTests
{
    private const string Uploaded =
        """
        {"path":"/a","family":"drive","length":100,"bytesSent":SENT,"requests":7,"retries":2,"elapsedMillis":MILLIS,"throttledMillis":1500,
        "status":201,"headers":[],"item":null,"location":"there","committed":true,"hash":"h","sha256":"s","serviceHash":"sh","integrity":"Verified","warnings":["one","two"]}
        """;

    /// <summary>Bytes that were sent twice, and bytes that an earlier upload had sent, are no speed.</summary>
    [Theory]
    [InlineData(100, 2000, 50)]
    [InlineData(300, 2000, 50)]
    [InlineData(40, 2000, 20)]
    [InlineData(100, 0, 100_000)]
    public void TheRateIsWhatWasGainedInTheTime(int sent, int millis, double rate) => Assert.Equal(rate, Read(sent, millis, isFile: true).Rate);

    [Fact]
    public void EveryMemberIsReadIntoItsPlace()
    {
        UploadResult result = Read(300, 2000, isFile: true);
        Assert.Equal(("/a", "drive", 100L, 300L, 7L, 2L), (result.Path, result.Family, result.Length, result.BytesSent, result.Requests, result.Retries));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5)), (result.Elapsed, result.ThrottledTime));
        Assert.Equal(("there", true, "h", "s", "sh", "Verified"), (result.Location, result.Committed, result.Hash, result.Sha256, result.ServiceHash, result.Integrity));
        Assert.Null(result.Item);
        Assert.Null(Read(300, 2000, isFile: false).Path);
        using JsonDocument document = Document(1, 1);
        Assert.Equal(["one", "two"], UploadResultReader.Warnings(document.RootElement));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(3, 2, 66)]
    [InlineData(3, 3, 100)]
    [InlineData(long.MaxValue, long.MaxValue, 100)]
    public void ThePartThatIsDone(long length, long done, int percent) =>
        Assert.Equal(percent, new OpenUpload { Name = "n", State = "Interrupted", Id = "i", Path = "p", Destination = "d", Family = "f", Length = length, BytesDone = done }.PercentComplete);

    [Theory]
    [InlineData(null, "Stopped. The same command goes on: what is there is not sent again.")]
    [InlineData("a1", "Stopped. Go on with Resume-MgUploadSession -Id a1, or with the same command: what is there is not sent again.")]
    public void AStoppedTreeSaysWhatIsNotSentAgain(string? id, string line) =>
        Assert.Equal(line, TreeTelling.AfterStop(new Progress(0, 0, 0, 0, TimeSpan.Zero, Phase.Sending), id));

    /// <summary>A kind left out leaves a person without the way on, one too many sends them on a way that is none.</summary>
    [Fact]
    public void FailuresThatLeaveSomethingToGoOnWith()
    {
        ErrorKind[] on =
        [
            ErrorKind.SourceDenied, ErrorKind.Unauthenticated, ErrorKind.Forbidden, ErrorKind.Conflict, ErrorKind.Throttled, ErrorKind.ServerFault,
            ErrorKind.RangeRejected, ErrorKind.QuotaExceeded, ErrorKind.UnexpectedAnswer, ErrorKind.Network, ErrorKind.Timeout,
        ];
        Assert.Equal(on.Order(), Enum.GetValues<ErrorKind>().Where(GoingOn.IsOf).Order());
    }

    /// <summary>Who has pressed Ctrl+C reads one line, also where the work did not end in time to say what is open.</summary>
    [Theory]
    [InlineData("ab12", true, false, "Stopped at 40 %. Go on with Resume-MgUploadSession -Id ab12")]
    [InlineData("ab12", false, false, "Stopped at 40 %. Send the same bytes to the same session again; Get-MgUploadSession has it as ab12")]
    [InlineData(null, true, true, "Stopped at 40 %. What it still waits for has not answered; Get-MgUploadSession tells what is open")]
    [InlineData(null, true, false, null)]
    public void WhatIsSaidAfterCtrlC(string? id, bool isFile, bool hasLeft, string? line) =>
        Assert.Equal(line, GoingOn.AfterStop(new Progress(4, 10, 1, 0, TimeSpan.Zero, Phase.Sending), id, isFile, hasLeft));

    [Theory]
    [InlineData(ErrorKind.AbiMismatch, true)]
    [InlineData(ErrorKind.Panic, true)]
    [InlineData(ErrorKind.Unexpected, false)]
    [InlineData(ErrorKind.InvalidInput, false)]
    public void FailuresThatEndThePipeline(ErrorKind kind, bool fatal) => Assert.Equal(fatal, Errors.IsFatal(kind));

    [Fact]
    public void HeadersOfOneNameAreOneInAnyCase()
    {
        Dictionary<string, IEnumerable<string>> headers = ResponseHeaders.Of([new("Set-Cookie", "a"), new("X", "1"), new("set-cookie", "b")]);
        Assert.Equal(2, headers.Count);
        Assert.Equal(["a", "b"], headers["SET-COOKIE"]);
    }

    [Fact]
    public void AByteOrderMarkIsNoPartOfAnAnswer()
    {
        var answer = new CreateAnswer("""{"headers":[["a","b"]],"family":"print","origin":{"route":"r"},"body":"\uFEFF{\"x\":1}"}""");
        Assert.Equal("x", Assert.Single(answer.Members().Entries).Name);
        Assert.Equal(("print", """{"route":"r"}"""), (answer.Family, answer.Origin));
        Assert.Equal(new KeyValuePair<string, string>("a", "b"), Assert.Single(answer.Headers));
    }

    private static JsonDocument Document(int sent, int millis) => JsonDocument.Parse(Uploaded.Replace("SENT", $"{sent}", StringComparison.Ordinal).Replace("MILLIS", $"{millis}", StringComparison.Ordinal));

    private static UploadResult Read(int sent, int millis, bool isFile)
    {
        using JsonDocument document = Document(sent, millis);
        return UploadResultReader.Read(document.RootElement, isFile, new MgUpload.Models.Destination(null, "d"));
    }
}
