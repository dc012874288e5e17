using System;
using System.Linq;
using System.Management.Automation;
using System.Text;
using MgUpload.Native;

namespace MgUpload.Models;

/// <summary>A session in any form in which a person may have it, and the JSON that the core takes.</summary>
internal sealed class UploadSessionJson
{
    private readonly OpenModel _session;
    private readonly string? _family;
    private readonly bool _isBeta;

    private UploadSessionJson(string journalId)
        : this(new Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession(), null, false) => JournalId = journalId;

    private UploadSessionJson(OpenModel session, string? family, bool isBeta)
    {
        _session = session;
        _family = family;
        _isBeta = isBeta;
    }

    /// <summary>The upload URL: a secret.</summary>
    private string UploadUrl => (string)Find("uploadUrl")!;

    /// <summary>The host that the bytes go to, without the rest of the upload URL; null where that is on record only.</summary>
    internal Uri? Place => Uri.TryCreate(UploadUrl, UriKind.Absolute, out Uri? url) ? new Uri(url.GetLeftPart(UriPartial.Authority)) : null;

    /// <summary>Scheme and host of the upload URL: enough to tell sessions apart, and no secret.</summary>
    internal string Host => Uri.TryCreate(UploadUrl, UriKind.Absolute, out Uri? url) ? $"{url.Scheme}://{url.Authority}/…" : "an upload session";

    /// <summary>The id of an upload that is on record here.</summary>
    internal string? JournalId { get; }

    /// <summary>The request that made it, where that is known.</summary>
    internal string? Origin => _session.Origin;

    /// <summary>The connection that made it, where this process did.</summary>
    internal GraphConnection? Connection => _session.Connection;

    /// <summary>An upload that Get-MgUploadSession has told; its URL stays in the core.</summary>
    internal static UploadSessionJson OfId(string id) => new(id);

    /// <summary>Reads a session object of whatever module, a hashtable, or the URL as text.</summary>
    internal static UploadSessionJson Of(object? input, string? family)
    {
        if (OpenUploadIdAttribute.IdOf(input) is { } id)
        {
            return OfId(id);
        }
        object? plain = input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input;
        var session = new Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession();
        OpenModel? own = plain as OpenModel;
        if (plain is Uri or string && !plain.ToString()!.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal))
        {
            session.UploadUrl = plain.ToString();
        }
        else if (Source.Of(input) is { } source)
        {
            session.Fill(source, lenient: own is null);
        }
        if (string.IsNullOrWhiteSpace(session.UploadUrl))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "The input has no upload URL.")
            {
                Advice = "Pass what a New-Mg…UploadSession cmdlet returned, something with a property UploadUrl, or the URL itself.",
            };
        }
        session.Origin = own?.Origin;
        session.Connection = own?.Connection;
        bool isBeta = own is Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession;
        return new UploadSessionJson(session, family ?? own?.Family ?? FamilyOf(input), isBeta);
    }

    /// <summary>The session with a state that the service gave; type, URL and what made it are kept.</summary>
    internal OpenModel WithState(string answer, string family)
    {
        OpenModel state = _isBeta
            ? new Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession()
            : new Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession();
        state.Family = family;
        state.Origin = _session.Origin;
        state.Connection = _session.Connection;
        state.Fill(Source.Of(answer)!, lenient: true);
        if (JournalId is null && !state.KnownMembers().Any(static member => member.Name == "uploadUrl"))
        {
            state.Put("uploadUrl", UploadUrl);
        }
        return state;
    }

    public override string ToString()
    {
        if (JournalId is not null)
        {
            return JsonText.Of([new Property("journalId", JournalId)]);
        }
        Property[] members =
        [
            new("uploadUrl", UploadUrl),
            new("family", _family),
            new("expirationDateTime", Find("expirationDateTime")),
            new("nextExpectedRanges", Find("nextExpectedRanges")),
        ];
        string json = JsonText.Of(members);
        // What made the session is JSON already.
        return _session.Origin is { } origin ? new StringBuilder(json).Insert(json.LastIndexOf('}'), $",\"origin\":{origin}").ToString() : json;
    }

    private object? Find(string name) => _session.KnownMembers().FirstOrDefault(member => member.Name == name)?.Value;

    /// <summary>A session that was written to a file and read again carries its family as a property.</summary>
    private static string? FamilyOf(object? input) => input is null ? null : PSObject.AsPSObject(input).Properties["Family"]?.Value as string;
}
