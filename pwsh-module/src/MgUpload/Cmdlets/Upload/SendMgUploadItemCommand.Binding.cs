using System;
using System.Linq;
using System.Management.Automation;

namespace MgUpload.Cmdlets;

/// <content>What the cmdlet takes.</content>
public sealed partial class SendMgUploadItemCommand
{
    private const string ByUrl = "Url";
    private const string ByDrive = "Drive";
    private const string ByUser = "User";
    private const string ByGroup = "Group";
    private const string BySite = "Site";
    private const string BySiteUrl = "SiteUrl";
    private const string ByChannel = "Channel";

    /// <summary>A folder's address in a browser, or a sharing link; below a drive that is named, the path of a folder, or of the only file.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByUrl)]
    [Parameter(Position = 1, ParameterSetName = ByDrive)]
    [Parameter(Position = 1, ParameterSetName = ByUser)]
    [Parameter(Position = 1, ParameterSetName = ByGroup)]
    [Parameter(Position = 1, ParameterSetName = BySite)]
    [Parameter(Position = 1, ParameterSetName = BySiteUrl)]
    [Parameter(Position = 1, ParameterSetName = ByChannel)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>A drive.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDrive)]
    [ValidateNotNullOrEmpty]
    public string? DriveId { get; set; }

    /// <summary>A user's OneDrive, by id or user principal name; me for one's own.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByUser)]
    [ValidateNotNullOrEmpty]
    public string? UserId { get; set; }

    /// <summary>A group's library.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByGroup)]
    [ValidateNotNullOrEmpty]
    public string? GroupId { get; set; }

    /// <summary>A site.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BySite)]
    [ValidateNotNullOrEmpty]
    public string? SiteId { get; set; }

    /// <summary>A site, by its address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BySiteUrl)]
    [ValidateNotNull]
    public Uri? SiteUrl { get; set; }

    /// <summary>The site's library, by its name; the site's own where none is given.</summary>
    [Parameter(ParameterSetName = BySite)]
    [Parameter(ParameterSetName = BySiteUrl)]
    [ValidateNotNullOrEmpty]
    public string? Library { get; set; }

    /// <summary>A team.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByChannel)]
    [ValidateNotNullOrEmpty]
    public string? TeamId { get; set; }

    /// <summary>The team's channel.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByChannel)]
    [ValidateNotNullOrEmpty]
    public string? ChannelId { get; set; }

    /// <summary>Sends folders too, with all that they hold.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Sends what a folder holds without the folder itself.</summary>
    [Parameter]
    public SwitchParameter Contents { get; set; }

    /// <summary>Patterns of the files that are sent.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Include { get; set; }

    /// <summary>Patterns of files and folders that are not.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Exclude { get; set; }

    /// <summary>Sends hidden files and folders too.</summary>
    [Parameter]
    public SwitchParameter IncludeHidden { get; set; }

    /// <summary>Sends what links lead to.</summary>
    [Parameter]
    public SwitchParameter FollowLink { get; set; }

    /// <summary>Sends files too that are in a cloud and have to be downloaded first.</summary>
    [Parameter]
    public SwitchParameter IncludeCloudOnly { get; set; }

    /// <summary>What is done where another file has the name.</summary>
    [Parameter]
    [ValidateSet("Fail", "Replace", "Rename", "Skip")]
    public string IfExists { get; set; } = "Fail";

    /// <summary>Sends all, and replaces whatever file is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Keeps the files' times; $false sends small files in one request.</summary>
    [Parameter]
    public SwitchParameter PreserveTime { get; set; }

    /// <summary>How many files are sent at once, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <summary>Which part of the tree is sent, as k/n with k from 0 on: each of n machines one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Shard { get; set; }

    /// <summary>Other characters for those that the service refuses: Fullwidth, or a hashtable.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? NameMap { get; set; }

    /// <summary>A file of comma-separated values that gets a line for each file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public new string? Report { get; set; }

    /// <summary>Does it in a job of this process, and returns that.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The destination as it was named.</summary>
    private string DestinationInWords
    {
        get
        {
            string? named = DriveId ?? UserId ?? GroupId ?? SiteId ?? SiteUrl?.OriginalString ?? (TeamId is null ? null : $"{TeamId}/{ChannelId}");
            return string.Join(":/", new[] { named, Library, ParameterSetName == ByUrl ? Destination : Destination?.Trim('/') }.Where(static part => !string.IsNullOrEmpty(part)));
        }
    }
}
