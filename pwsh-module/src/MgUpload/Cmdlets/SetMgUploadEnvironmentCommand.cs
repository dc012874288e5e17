using System;
using System.Management.Automation;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <summary>Changes a cloud of the user's own.</summary>
[Cmdlet(VerbsCommon.Set, "MgUploadEnvironment", SupportsShouldProcess = true, HelpUri = Help.Pages + "Set-MgUploadEnvironment.md")]
[OutputType(typeof(MgUploadEnvironment))]
public sealed class SetMgUploadEnvironmentCommand : EnvironmentCmdlet
{
    /// <summary>Where one signs in.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("AzureADUrl")]
    [ValidateNotNull]
    public Uri? AzureADEndpoint { get; set; }

    /// <summary>Its Graph.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("GraphUrl")]
    [ValidateNotNull]
    public Uri? GraphEndpoint { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Name, () =>
    {
        RefuseBuiltIn();
        Cloud present = Environments.Named(Name);
        Put(AzureADEndpoint ?? present.Login, GraphEndpoint ?? present.Graph);
    });
}
