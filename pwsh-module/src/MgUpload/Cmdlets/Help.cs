namespace MgUpload.Cmdlets;

/// <summary>Where Get-Help -Online finds the pages of the cmdlets that are not Microsoft's.</summary>
internal static class Help
{
    internal const string Pages = "https://github.com/mgupload/mgupload/blob/main/pwsh-module/docs/en-US/";
}
