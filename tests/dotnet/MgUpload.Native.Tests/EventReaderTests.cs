using System;
using MgUpload.Native.Abi;
using Xunit;

namespace MgUpload.Native.Tests;

/// <summary>What an operation tells of itself, read from the library's JSON.</summary>
public sealed class EventReaderTests
{
    [Fact]
    public void EachEventIsRead()
    {
        const string Json = """
            [{"event":"dropped","count":3},
             {"event":"pause","reason":"Throttled","status":429,"waitMillis":117000},
             {"event":"pause","reason":"ConnectionLost","status":null,"waitMillis":18446744073709551615},
             {"event":"pause","reason":"Later","status":null,"waitMillis":1},
             {"event":"later"},
             {"event":"shortOfSpace","bytes":5000000000000,"free":18446744073709551615},
             {"event":"shortOfSpace","bytes":null},
             {"event":"request","method":"PUT","target":"https://h/…","range":"bytes 0-9/10","status":202,"fault":null,"why":null,"requestId":"r","clientRequestId":"c","millis":12,"body":null,"answer":null}]
            """;
        Assert.Equal(
            [
                new DroppedEvent(3),
                new PauseEvent(PauseReason.Throttled, 429, TimeSpan.FromSeconds(117)),
                new PauseEvent(PauseReason.ConnectionLost, null, TimeSpan.MaxValue),
                new PauseEvent(PauseReason.Unclear, null, TimeSpan.FromMilliseconds(1)),
                new ShortOfSpaceEvent(5000000000000, long.MaxValue),
                new ShortOfSpaceEvent(0, 0),
                new RequestEvent { Method = "PUT", Target = "https://h/…", Range = "bytes 0-9/10", Status = 202, RequestId = "r", ClientRequestId = "c", Time = TimeSpan.FromMilliseconds(12) },
            ],
            EventReader.Read(Json));
    }

    [Fact]
    public void NothingIsNoEvent() => Assert.Empty(EventReader.Read(string.Empty));
}
