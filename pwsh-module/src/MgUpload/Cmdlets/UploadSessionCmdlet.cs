using System.Management.Automation;
using MgUpload.Models;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that take a session.</summary>
public abstract class UploadSessionCmdlet : MgUploadCmdlet
{
    private protected UploadSessionCmdlet()
    {
    }

    /// <summary>The session: what a New- cmdlet returned, anything with an uploadUrl, or the URL as text.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The back end, for a URL that does not tell it.</summary>
    [Parameter]
    [ValidateSet("drive", "outlook", "todo", "print")]
    public string? Family { get; set; }

    private protected UploadSessionJson Session() => UploadSessionJson.Of(InputObject, Family?.ToLowerInvariant());
}
