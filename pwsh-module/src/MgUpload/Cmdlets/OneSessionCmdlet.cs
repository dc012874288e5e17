using System;
using System.Management.Automation;
using MgUpload.Models;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that take either a session or ids of open uploads.</summary>
public abstract class OneSessionCmdlet : UploadSessionCmdlet
{
    private protected OneSessionCmdlet()
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

    /// <summary>Serves each of the ids, or the session.</summary>
    private protected void Each(string[]? ids, Action<UploadSessionJson, UploadClient> work)
    {
        foreach (object? record in ids ?? new[] { InputObject })
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            Guard(record, () =>
            {
                UploadSessionJson session = ids is null ? UploadSessionJson.Of(InputObject, Family?.ToLowerInvariant()) : UploadSessionJson.OfId((string)record!);
                work(session, ClientFor(session));
            });
        }
    }
}
