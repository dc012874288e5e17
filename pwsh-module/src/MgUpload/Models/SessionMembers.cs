using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>Hidden members of objects, named in MgUpload.Types.ps1xml.</summary>
public static class SessionMembers
{
    /// <summary>The back end of a session, so that it survives Export-Clixml and remote sessions.</summary>
    public static string? Family(PSObject session) => (session?.BaseObject as OpenModel)?.Family;

    /// <summary>A session's upload URL as far as it is no secret.</summary>
    public static string? UploadHost(PSObject session) => Display.Url(Value(session, "UploadUrl"));

    /// <summary>The ranges that a session lacks.</summary>
    public static string Missing(PSObject session) => Display.Text(Value(session, "NextExpectedRanges"));

    /// <summary>A name.</summary>
    public static string DisplayName(PSObject value) => Display.Text(Value(value, "Name"));

    /// <summary>A destination.</summary>
    public static string DisplayDestination(PSObject value) => Display.Text(Value(value, "Destination"));

    private static object? Value(PSObject? value, string name) => value?.Properties[name]?.Value;
}
