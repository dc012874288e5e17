using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>Hidden members of session objects, named in MgUpload.Types.ps1xml.</summary>
public static class SessionMembers
{
    /// <summary>The back end of a session, so that it survives Export-Clixml and remote sessions.</summary>
    public static string? Family(PSObject session) => (session?.BaseObject as OpenModel)?.Family;
}
