using System.Management.Automation;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <summary>Tells who asks Graph, and which connection that is.</summary>
[Cmdlet(VerbsCommon.Get, "MgUploadContext", HelpUri = Help.Pages + "Get-MgUploadContext.md")]
[OutputType(typeof(MgUploadContext))]
public sealed class GetMgUploadContextCommand : MgUploadCmdlet
{
    /// <summary>What Connect-MgUpload -PassThru returned; else the connection that is used here.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public GraphConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Connection, () =>
    {
        if ((Connection ?? Connections.Current ?? BorrowedSession.Current(this)) is { IsClosed: false } connection)
        {
            WriteObject(new MgUploadContext(connection));
        }
    });
}
