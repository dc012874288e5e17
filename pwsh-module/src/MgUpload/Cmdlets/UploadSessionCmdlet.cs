using System;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that look up what is open here.</summary>
public abstract class UploadSessionCmdlet : ConnectedCmdlet
{
    private protected const string BySession = "Session";
    private protected const string ById = "Id";

    private protected UploadSessionCmdlet()
    {
    }

    /// <summary>The client for a session, which knows the way to its host.</summary>
    private protected UploadClient ClientFor(UploadSessionJson session)
    {
        UploadClient client = ClientFor(session.Connection);
        if (session.Place is { } place)
        {
            SystemProxy.Tell(client, place.Host, place);
        }
        return client;
    }

    /// <summary>What is open on this machine.</summary>
    private protected OpenUpload[] Open(UploadClient client, bool tellsUnreadable = false)
    {
        using Operation operation = client.StartList();
        using JsonDocument list = JsonDocument.Parse(Await(operation));
        foreach ((string file, string why) in tellsUnreadable ? OpenUploadReader.Unreadable(list.RootElement) : [])
        {
            Warn($"{file} is no record of an open upload that this version can read: {why}. It is left as it is.");
        }
        return OpenUploadReader.Open(list.RootElement);
    }

    /// <summary>One of them; null for an id that is not on record, which is the core's to refuse.</summary>
    private protected OpenUpload? Find(UploadClient client, string id) => Open(client).FirstOrDefault(open => open.Id.Equals(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>The same where a tree is of no use.</summary>
    private OpenUpload? Single(UploadClient client, string id) => Find(client, id) is var open && open is not OpenTree ? open
        : throw new MgUploadException(ErrorKind.InvalidInput, $"{id} is a whole tree, and no session.") { Advice = $"Resume-MgUploadSession -Id {id} goes on with it, Remove-MgUploadSession -Id {id} gives it up." };

    /// <summary>A session as a question names it: with its file, where that is on record.</summary>
    private protected string InWords(UploadClient client, UploadSessionJson session) =>
        session.JournalId is { } id && Single(client, id) is { } open ? open.InWords : DestinationOf(client, session).Path;

    /// <summary>Where a session's bytes go. Nothing is asked over the network.</summary>
    private protected Destination DestinationOf(UploadClient client, UploadSessionJson session)
    {
        if (session.JournalId is { } id)
        {
            return Single(client, id) is { } open ? new(open.Name, open.Destination) : new(null, $"the open upload {id}");
        }
        if (session.Origin is not { } origin)
        {
            return new(null, session.Host);
        }
        using Operation operation = client.StartDescribe(origin);
        return Destination.Of(Await(operation));
    }
}
