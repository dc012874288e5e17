using System.Management.Automation;
using System.Text.Json;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;
using Microsoft.Graph.PowerShell.Models;

namespace MgUpload.Cmdlets;

/// <summary>Lists the uploads that are open on this machine, or asks the service for the state of a session.</summary>
[Cmdlet(VerbsCommon.Get, "MgUploadSession", DefaultParameterSetName = ById, HelpUri = Help.Pages + "Get-MgUploadSession.md")]
[OutputType(typeof(OpenUpload))]
[OutputType(typeof(OpenTree), ParameterSetName = [ById])]
[OutputType(typeof(IMicrosoftGraphUploadSession), ParameterSetName = [BySession])]
public sealed class GetMgUploadSessionCommand : OneSessionCmdlet
{
    /// <summary>The ids of open uploads; without them all are listed.</summary>
    [Parameter(Position = 0, ParameterSetName = ById)]
    [OpenUploadId]
    [ArgumentCompleter(typeof(OpenUploadCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Asks the service what it has of each, in place of what was last noted here.</summary>
    [Parameter(ParameterSetName = ById)]
    public SwitchParameter Refresh { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == BySession || Id is not null)
        {
            Each(Id, Ask);
            return;
        }
        Guard(null, () =>
        {
            UploadClient client = ClientFor();
            foreach (OpenUpload open in Open(client, tellsUnreadable: true))
            {
                Guard(open.Id, () => WriteObject(Refresh ? Refreshed(client, open) : open));
            }
        });
    }

    private void Ask(UploadSessionJson session, UploadClient client)
    {
        if (session.JournalId is not { } id)
        {
            using JsonDocument answer = Query(client, session);
            WriteObject(session.WithState(answer.RootElement.GetProperty("body").GetString() ?? string.Empty, answer.RootElement.GetProperty("family").GetString() ?? string.Empty));
        }
        else if (Find(client, id) is { } open)
        {
            // An open upload from the pipeline is asked about; one that is named is looked up.
            WriteObject(Refresh || ParameterSetName == BySession ? Refreshed(client, open) : open);
        }
        else
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"No upload with the id {Display.Text(id)} is open here.") { Advice = "Get-MgUploadSession lists the uploads that are open here, with their ids." };
        }
    }

    private OpenUpload Refreshed(UploadClient client, OpenUpload open)
    {
        if (open is OpenTree)
        {
            // What has arrived of it, only going on with it finds out.
            return open;
        }
        try
        {
            using JsonDocument answer = Query(client, UploadSessionJson.OfId(open.Id));
            return OpenUploadReader.Refreshed(open, answer.RootElement);
        }
        catch (MgUploadException failure) when (failure.Kind is ErrorKind.SessionExpired)
        {
            return open with { State = OpenUploadReader.Expired };
        }
    }

    private JsonDocument Query(UploadClient client, UploadSessionJson session)
    {
        using Operation operation = client.StartQuery(session.ToString());
        return JsonDocument.Parse(Await(operation));
    }
}
