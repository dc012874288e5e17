using System.Management.Automation;
using MgUpload.Models;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that take either a session or the id of an open upload.</summary>
public abstract class UploadSessionCmdlet : MgUploadCmdlet
{
    private protected const string BySession = "Session";
    private protected const string ById = "Id";

    private protected UploadSessionCmdlet()
    {
    }

    /// <summary>The session: what a New- cmdlet returned, anything with an uploadUrl, the URL as text, or an open upload.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = BySession)]
    [Alias("Session")]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The back end, for a URL that does not tell it.</summary>
    [Parameter(ParameterSetName = BySession)]
    [ValidateSet("drive", "outlook", "todo", "print")]
    public string? Family { get; set; }

    private protected UploadSessionJson Session() => UploadSessionJson.Of(InputObject, Family?.ToLowerInvariant());
}
