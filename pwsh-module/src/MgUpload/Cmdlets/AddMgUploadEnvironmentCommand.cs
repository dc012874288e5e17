using System;
using System.Management.Automation;

namespace MgUpload.Cmdlets;

/// <summary>Makes a cloud of the user's own known by a name.</summary>
[Cmdlet(VerbsCommon.Add, "MgUploadEnvironment", SupportsShouldProcess = true, HelpUri = Help.Pages + "Add-MgUploadEnvironment.md")]
[OutputType(typeof(MgUploadEnvironment))]
public sealed class AddMgUploadEnvironmentCommand : EnvironmentCmdlet
{
    /// <summary>Where one signs in.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("AzureADUrl")]
    [ValidateNotNull]
    public Uri? AzureADEndpoint { get; set; }

    /// <summary>Its Graph.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("GraphUrl")]
    [ValidateNotNull]
    public Uri? GraphEndpoint { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Name, () =>
    {
        RefuseBuiltIn();
        Put(AzureADEndpoint!, GraphEndpoint!);
    });
}
