using System.Management.Automation;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <summary>Lists the clouds that -Environment knows.</summary>
[Cmdlet(VerbsCommon.Get, "MgUploadEnvironment", HelpUri = Help.Pages + "Get-MgUploadEnvironment.md")]
[OutputType(typeof(MgUploadEnvironment))]
public sealed class GetMgUploadEnvironmentCommand : MgUploadCmdlet
{
    /// <summary>One of them.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(EnvironmentCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Name, () =>
    {
        foreach (Cloud cloud in Name is null ? Environments.All : [Environments.Named(Name)])
        {
            WriteObject(new MgUploadEnvironment(cloud));
        }
    });
}
