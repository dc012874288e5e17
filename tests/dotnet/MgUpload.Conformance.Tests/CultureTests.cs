using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text.Json;
using MgUpload.Models;
using MgUpload.Requests;
using MgUpload.Results;
using Microsoft.Graph.PowerShell.Models;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>What goes over the wire, and what is read from it, is the same wherever the user lives.</summary>
/// <remarks>
/// de-DE has a comma in its numbers, sv-SE a minus sign of its own, fi-FI points in its times, th-TH other years, and tr-TR an
/// i that is no lower case of I.
/// </remarks>
public sealed class CultureTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public static TheoryData<string> Cultures() => ["", "de-DE", "sv-SE", "fi-FI", "th-TH", "tr-TR"];

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory]
    [MemberData(nameof(Cultures))]
    public void ValuesOfABody(string culture)
    {
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        var time = new DateTime(2024, 7, 1, 12, 30, 15, 500, DateTimeKind.Utc);
        Property[] members =
        [
            new("double", 1.5), new("decimal", 2.25m), new("single", 0.5f), new("int", -5), new("long", -7L), new("byte", (byte)7),
            new("big", new BigInteger(-5)), new("time", time), new("minute", time.Date), new("zoned", new DateTimeOffset(2024, 7, 1, 12, 0, 0, TimeSpan.FromHours(5))),
            new("span", TimeSpan.FromSeconds(5)), new("list", new object[] { 1.5, -1, true }),
        ];
        Assert.Equal(
            """
            {"double":1.5,"decimal":2.25,"single":0.5,"int":-5,"long":-7,"byte":7,"big":"-5","time":"2024-07-01T12:30:15.5Z","minute":"2024-07-01T00:00Z","zoned":"2024-07-01T12:00:00.0000000+05:00","span":"00:00:05","list":[1.5,-1,true]}
            """,
            string.Concat(JsonText.Of(members).Where(static letter => letter is not ' ' and not '\n')));
        Assert.Equal("2024-07-01T12:30:15.5000000Z", JsonScalar.OfKnownTime(time));
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void ValuesOfKnownMembers(string culture)
    {
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        Member text = Member.Text("Name", "name"), time = Member.Time("At", "at");
        Assert.Equal("1.5", MemberValue.Convert(text, 1.5, lenient: false));
        Assert.Equal("-5", MemberValue.Convert(text, -5, lenient: false));
        Assert.Equal(new DateTime(2024, 7, 1, 12, 30, 15, DateTimeKind.Utc), MemberValue.Convert(time, "2024-07-01T12:30:15Z", lenient: false));
        Assert.Equal(new DateTime(2024, 7, 2, 12, 30, 0), MemberValue.Convert(time, "7/2/2024 12:30", lenient: false));
        Assert.Equal(new[] { "1.5", "-2" }, MemberValue.Convert(Member.Texts("Tags", "tags"), new object[] { 1.5, -2 }, lenient: false));
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void IdsAndHeaders(string culture)
    {
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        FilesIdentity identity = FilesIdentity.DeserializeFromDictionary(new Hashtable { ["DRIVEITEMID"] = -1.5 });
        Assert.Equal("-1.5", identity.DriveItemId);
        Assert.Equal(
            """{"route":"r","ids":{"A":"ü\"","B":""},"headers":[["X","-1.5, 2"]],"body":{}}""",
            RequestJson.Of("r", [new IdValue("A", "ü\""), new IdValue("B", null)], new Hashtable { ["X"] = new object?[] { -1.5, null, 2 } }, "{}"));
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void WhatTheCoreTells(string culture)
    {
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        // The second as a service may write it too.
        foreach (string expires in (string[])["2024-07-02T12:30:15+02:00", "07/02/2024 10:30:15"])
        {
            using JsonDocument list = JsonDocument.Parse(
                $$"""{"open":[{"id":"1","path":"/a","destination":"d","family":"drive","length":3,"position":1,"chunk":1,"running":false,"created":"2024-07-02T12:30:15.25Z","expires":"{{expires}}"}],"trees":[],"unreadable":[]}""");
            OpenUpload open = Assert.Single(OpenUploadReader.Open(list.RootElement));
            Assert.Equal(new DateTime(2024, 7, 2, 12, 30, 15, 250, DateTimeKind.Utc), open.Created!.Value.ToUniversalTime());
            Assert.Equal(new DateTime(2024, 7, 2, 10, 30, 15, DateTimeKind.Utc), open.Expires!.Value.ToUniversalTime());
            Assert.Equal(33, open.PercentComplete);
        }
    }
}
