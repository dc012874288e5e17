using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using MgUpload.Native.Abi;
using Xunit;

namespace MgUpload.Native.Tests;

/// <summary>Native errors become exceptions without losing anything.</summary>
public sealed class FailureTests
{
    public static IEnumerable<object[]> Kinds() => Enum.GetValues<ErrorKind>().Select(static kind => new object[] { kind });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StatusIsItsKind(ErrorKind kind) => Assert.Equal(kind, Failure.Kind((int)kind));

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void UnknownStatusIsUnexpected(int status) => Assert.Equal(ErrorKind.Unexpected, Failure.Kind(status));

    [Fact]
    public void FailureWithoutErrorObjectHasItsKind() => Assert.Equal(ErrorKind.Panic, Failure.Of(900, 0).Kind);

    [Fact]
    public void EveryDetailIsKept()
    {
        MgUploadException failure = Of("""
            {"kind":"Throttled","httpStatus":429,"code":"activityLimitReached","innerCodes":["a","b"],"graphMessage":"Slow down.","requestId":"r",
             "clientRequestId":"c","date":"2026-01-01T00:00:00","retryAfterSeconds":7.5,"attempts":4,"elapsedMillis":1500,"method":"PUT","target":"https://h/…",
             "headers":[["Retry-After","7"],["X","1"]],"body":"{}","withToken":false,"reason":"inUse","left":7}
            """);
        Assert.Equal("[activityLimitReached] : Slow down.", failure.Message);
        Assert.Equal((429, "activityLimitReached", "Slow down."), (failure.HttpStatus, failure.Code, failure.GraphMessage));
        Assert.Equal(["a", "b"], failure.InnerCodes);
        Assert.Equal(("r", "c", "2026-01-01T00:00:00"), (failure.RequestId, failure.ClientRequestId, failure.Date));
        Assert.Equal(TimeSpan.FromSeconds(7.5), failure.RetryAfter);
        Assert.Equal((4, TimeSpan.FromSeconds(1.5)), (failure.Attempts, failure.Elapsed));
        Assert.Equal(("PUT", "https://h/…"), (failure.Method, failure.Target));
        Assert.Equal(["Retry-After", "X"], failure.Headers.Select(static header => header.Key));
        Assert.Equal(("{}", false), (failure.Body, failure.WithToken));
        Assert.Equal(("inUse", "7", 2), (failure.Fact("reason"), failure.Fact("left"), failure.Facts.Count));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"httpStatus":null,"code":null,"innerCodes":null,"headers":null,"attempts":null}""")]
    public void WhatIsMissingIsNull(string details)
    {
        MgUploadException failure = Of(details);
        Assert.Equal("The file is gone.", failure.Message);
        Assert.Null(failure.HttpStatus);
        Assert.Null(failure.RetryAfter);
        Assert.Empty(failure.InnerCodes);
        Assert.Empty(failure.Headers);
        Assert.Empty(failure.Facts);
        Assert.Null(failure.WithToken);
    }

    /// <summary>Graph's words go first, in the form of Microsoft's modules; else the core's phrase is a sentence, in any culture.</summary>
    [Theory]
    [InlineData("it is gone", "{}", "It is gone.")]
    [InlineData("https://h was closed", "{}", "https://h was closed.")]
    [InlineData("", "{}", ".")]
    [InlineData("x", """{"httpStatus":404,"code":"c","graphMessage":"m"}""", "[c] : m")]
    [InlineData("x", """{"httpStatus":404,"graphMessage":"m"}""", "m")]
    [InlineData("x", """{"httpStatus":404,"body":" {}"}""", "The server responded with a Request Error, Status: NotFound")]
    [InlineData("x", """{"httpStatus":404,"body":"\uFEFF[]"}""", "The server responded with a Request Error, Status: NotFound")]
    [InlineData("x", """{"httpStatus":404,"body":"<html>"}""", "X.")]
    [InlineData("x", """{"httpStatus":302,"body":"{}"}""", "X.")]
    public void MessageIsASentence(string phrase, string details, string sentence)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
        try
        {
            Assert.Equal(sentence, Of(details, phrase).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static MgUploadException Of(string details, string phrase = "the file is gone")
    {
        using JsonDocument document = JsonDocument.Parse(details);
        return Failure.Of(ErrorKind.SourceMissing, phrase, document.RootElement);
    }
}
