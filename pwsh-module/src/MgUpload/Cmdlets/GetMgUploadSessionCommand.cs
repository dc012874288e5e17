using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using Microsoft.Graph.PowerShell.Models;

namespace MgUpload.Cmdlets;

/// <summary>Asks the service for the state of a session.</summary>
[Cmdlet(VerbsCommon.Get, "MgUploadSession")]
[OutputType(typeof(IMicrosoftGraphUploadSession))]
public sealed class GetMgUploadSessionCommand : UploadSessionCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(InputObject, () =>
    {
        UploadSessionJson session = Session();
        using Operation operation = GraphConnection.ClientForUploads.StartQuery(session.ToString());
        using JsonDocument result = JsonDocument.Parse(Await(operation));
        string answer = result.RootElement.GetProperty("body").GetString() ?? string.Empty;
        WriteObject(session.WithState(answer, result.RootElement.GetProperty("family").GetString() ?? string.Empty));
    });
}
