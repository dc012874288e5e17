using System;
using System.Linq;
using MgUpload.Native;
using MgUpload.Results;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>The words for what an operation goes through.</summary>
public sealed class TellingTests
{
    [Theory]
    [InlineData(PauseReason.Throttled, 429, 116.2, "Throttled by the service (429); going on in 117 s.")]
    [InlineData(PauseReason.ServerFault, 503, 0.1, "The service is in trouble (503); going on in 1 s.")]
    [InlineData(PauseReason.Silent, null, 4, "No answer came in time; going on in 4 s.")]
    [InlineData(PauseReason.ConnectionLost, null, 4, "The connection was lost; going on in 4 s.")]
    [InlineData(PauseReason.UnknownSession, 404, 5, "The service does not know the session (404); going on in 5 s.")]
    public void APauseSaysWhyAndForHowLong(PauseReason reason, int? status, double seconds, string expected) =>
        Assert.Equal(expected, Telling.Sentence(new PauseEvent(reason, status, TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void WhatDoesNotFitIsToldWithBothSizes() => Assert.Equal(
        "The files have 3.0 GiB, and 0 B are free at the destination: they may not all fit, and the upload ends where it is full. Free space there, or send less.",
        Telling.Sentence(new ShortOfSpaceEvent(3L << 30, 0)));

    [Fact]
    public void EveryReasonHasWordsOfItsOwn()
    {
        PauseReason[] reasons = [.. Enum.GetValues<PauseReason>().Where(static reason => reason != PauseReason.None)];
        Assert.Equal(reasons.Length, reasons.Select(static reason => Telling.Why(reason, null)).Distinct().Count());
    }

    [Fact]
    public void ARequestSaysWhatWasAskedAndHowItEnded()
    {
        var request = new RequestEvent { Method = "PUT", Target = "https://h/…", Range = "bytes 0-9/10", Status = 429, RequestId = "r", ClientRequestId = "c", Time = TimeSpan.FromMilliseconds(12.4) };
        Assert.Equal("PUT https://h/… (bytes 0-9/10) -> 429, 12 ms; request-id r; client-request-id c", Telling.Line(request));
        Assert.Equal("GET https://h/… -> no answer: connection refused, 0 ms; request-id none; client-request-id c", Telling.Line(new RequestEvent { Method = "GET", Target = "https://h/…", Why = "connection refused", ClientRequestId = "c" }));
    }
}
