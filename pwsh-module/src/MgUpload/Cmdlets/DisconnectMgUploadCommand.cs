using System.Management.Automation;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <summary>Closes a connection and forgets its token.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "MgUpload", HelpUri = Help.Pages + "Disconnect-MgUpload.md")]
[OutputType(typeof(void))]
public sealed class DisconnectMgUploadCommand : MgUploadCmdlet
{
    /// <summary>What Connect-MgUpload -PassThru returned; else the connection that is used here.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public GraphConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Connection, () =>
    {
        GraphConnection? closed = Connection ?? Connections.Current;
        if (closed is not null)
        {
            Connections.Forget(closed);
            closed.Token.Close(Warn);
        }
        Say(closed is null ? "There was no connection." : "Disconnected.");
    });
}
