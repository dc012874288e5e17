using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;
using Microsoft.Graph.PowerShell.Models;

namespace MgUpload.Cmdlets;

/// <summary>Lists the uploads that are open on this machine, or asks the service for the state of a session.</summary>
[Cmdlet(VerbsCommon.Get, "MgUploadSession", DefaultParameterSetName = Open)]
[OutputType(typeof(OpenUpload), ParameterSetName = [Open])]
[OutputType(typeof(IMicrosoftGraphUploadSession), ParameterSetName = [BySession])]
public sealed class GetMgUploadSessionCommand : UploadSessionCmdlet
{
    private const string Open = nameof(Open);

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(InputObject, ParameterSetName == Open ? List : Ask);

    private void List()
    {
        using Operation operation = GraphConnection.ClientForUploads.StartList();
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        foreach ((string file, string why) in OpenUploadReader.Unreadable(result.RootElement))
        {
            WriteWarning($"{file} is no record of an open upload that this version can read: {why}. It is left as it is.");
        }
        WriteObject(OpenUploadReader.Open(result.RootElement), enumerateCollection: true);
    }

    private void Ask()
    {
        UploadSessionJson session = Session();
        using Operation operation = GraphConnection.ClientForUploads.StartQuery(session.ToString());
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        string answer = result.RootElement.GetProperty("body").GetString() ?? string.Empty;
        WriteObject(session.WithState(answer, result.RootElement.GetProperty("family").GetString() ?? string.Empty));
    }
}
