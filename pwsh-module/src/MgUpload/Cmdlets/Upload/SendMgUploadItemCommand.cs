using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json.Nodes;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>Uploads files and whole folders to OneDrive, SharePoint and Teams.</summary>
[Cmdlet(VerbsCommunications.Send, "MgUploadItem", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ByUrl,
    HelpUri = Help.Pages + "Send-MgUploadItem.md")]
[OutputType(typeof(ItemResult))]
public sealed partial class SendMgUploadItemCommand : PathsCmdlet
{
    private readonly List<(string Path, bool IsFound)> _sources = [];
    private readonly Dictionary<string, int> _named = new(SourcePaths.Once);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_sources.Count > 0 && !StopToken.IsCancellationRequested)
        {
            Guard(Destination, Serve);
        }
    }

    /// <inheritdoc/>
    private protected override void Add(string path)
    {
        string bare = System.IO.Path.TrimEndingDirectorySeparator(path);
        if (_named.TryAdd(bare, _sources.Count))
        {
            _sources.Add((path, IsFound));
            return;
        }
        int first = _named[bare];
        _sources[first] = (_sources[first].Path, _sources[first].IsFound && IsFound);
        Say($"{path} was named before, and is sent once.");
    }

    private void Serve()
    {
        CheckReport();
        JsonObject request = Request();
        string what = $"Upload {(_sources.Count == 1 ? _sources[0].Path : $"{_sources.Count} files and folders")} to {DestinationInWords}";
        bool isWanted = ShouldProcess(what, $"{what}?", "Confirm", out ShouldProcessReason reason);
        bool isDry = reason == ShouldProcessReason.WhatIf;
        if (!isWanted && !isDry)
        {
            return;
        }
        if (AsJob)
        {
            WriteObject(Job(isDry), enumerateCollection: false);
            return;
        }
        request["dryRun"] = isDry;
        CsvReport? report = Report is null || isDry ? null : OpenReport();
        UploadClient client = ClientFor();
        SendTree(() => client.StartTree(request.ToJsonString()), DestinationInWords, report, isDry);
    }

    private JsonObject Request()
    {
        string? only = IsOne && File.Exists(_sources[0].Path) ? _sources[0].Path : null;
        (string? folder, string? name) = ParameterSetName == ByUrl ? (null, null) : TreeRequest.Split(Destination, only);
        return new JsonObject
        {
            ["sources"] = TreeRequest.Sources(_sources, Contents, name),
            ["recurse"] = Recurse.IsPresent,
            ["include"] = Texts(Include),
            ["exclude"] = Texts(Exclude),
            ["hidden"] = IncludeHidden.IsPresent,
            ["links"] = FollowLink ? "follow" : "skip",
            ["cloudOnly"] = IncludeCloudOnly.IsPresent,
            ["destination"] = Place(folder),
            ["ifExists"] = IfExists.ToLowerInvariant(),
            ["force"] = Force.IsPresent,
            ["preserveTime"] = MyInvocation.BoundParameters.ContainsKey(nameof(PreserveTime)) ? PreserveTime.IsPresent : null,
            ["throttleLimit"] = ThrottleLimit > 0 ? ThrottleLimit : null,
            ["shard"] = TreeRequest.Shard(Shard),
            ["nameMap"] = TreeRequest.NameMap(NameMap is PSObject wrapped ? wrapped.BaseObject : NameMap),
        };
    }

    private JsonObject Place(string? folder)
    {
        var place = new JsonObject();
        foreach ((string name, string? value) in new[] { ("driveId", DriveId), ("userId", UserId), ("groupId", GroupId), ("siteId", SiteId), ("siteUrl", SiteUrl?.OriginalString), ("library", Library), ("teamId", TeamId), ("channelId", ChannelId), ("path", folder) })
        {
            if (value is not null)
            {
                place[name] = value;
            }
        }
        if (ParameterSetName == ByUrl)
        {
            if (!Uri.TryCreate(Destination, UriKind.Absolute, out Uri? url) || url.Scheme is not ("https" or "http"))
            {
                throw new MgUploadException(ErrorKind.InvalidInput, $"'{Display.Text(Destination)}' is a path, and it is not said in which drive; nothing was sent.")
                {
                    Advice = "Name the drive, with -UserId me, -DriveId, -GroupId, -SiteUrl or -TeamId, or give the folder's address as the browser shows it.",
                };
            }
            place["url"] = Destination;
        }
        return place;
    }

    /// <summary>Whether one thing was named, by itself: what a pattern or a pipeline brings may be another number the next time.</summary>
    private bool IsOne => _sources is [(_, false)];

    /// <summary>A report among what is sent would go along half written, and in a file's place it would take that file's content.</summary>
    private void CheckReport()
    {
        if (Report is null)
        {
            return;
        }
        string report = System.IO.Path.GetFullPath(SourcePaths.Literal(SessionState.Path, Report));
        if (_sources.Select(static one => System.IO.Path.GetFullPath(one.Path)).FirstOrDefault(source => Recurse ? SourcePaths.IsWithin(report, source) : SourcePaths.AreSame(report, source)) is { } sent)
        {
            string where = SourcePaths.AreSame(report, sent) ? "is itself named to be sent" : $"lies in what is sent, {sent}";
            throw new MgUploadException(ErrorKind.InvalidInput, $"The file of -Report, {report}, {where}; nothing was sent or written.") { Advice = "Choose a place for -Report outside of what is sent." };
        }
    }

    private CsvReport OpenReport()
    {
        string path = SourcePaths.Literal(SessionState.Path, Report!);
        try
        {
            return new CsvReport(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"The report {path} cannot be written: {error.Message}", error) { Advice = "Name a file that can be written to; nothing was sent." };
        }
    }

    /// <summary>The same command in a job of this process, with the files that were found and the connection of now. Nobody is asked a second time.</summary>
    private object Job(bool isDry)
    {
        // What was bound may have been masked since, for the record of an error; the properties have it as it was given.
        var parameters = new Hashtable();
        foreach ((string name, object bound) in MyInvocation.BoundParameters)
        {
            parameters[name] = GetType().GetProperty(name)?.GetValue(this) ?? bound;
        }
        foreach (string own in new[] { nameof(AsJob), nameof(Path), nameof(LiteralPath) })
        {
            parameters.Remove(own);
        }
        string[] named = [.. _sources.Where(static one => !one.IsFound).Select(static one => one.Path)];
        PSObject[] found = [.. _sources.Where(static one => one.IsFound).Select(static one => Found(one.Path))];
        if (named.Length > 0)
        {
            // A parameter that is given takes nothing from the pipeline.
            parameters[found.Length > 0 ? nameof(Path) : nameof(LiteralPath)] = found.Length > 0 ? Array.ConvertAll(named, WildcardPattern.Escape) : named;
        }
        parameters["WhatIf"] = isDry;
        parameters["Confirm"] = false;
        if (ParameterSetName != ByUrl && Destination is not null && !IsOne)
        {
            // One source by its own name would be taken for one that was named alone.
            parameters[nameof(Destination)] = $"{Destination}/";
        }
        if (Report is not null)
        {
            // A job has a location of its own.
            parameters[nameof(Report)] = SourcePaths.Literal(SessionState.Path, Report);
        }
        parameters[nameof(Connection)] = ConnectionFor(null) ?? throw new MgUploadException(ErrorKind.Unauthenticated, "There is no connection for the job to use.");
        string manifest = System.IO.Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "MgUpload.psd1");
        return InvokeCommand.InvokeScript(
            "param($manifest, $parameters, $found) Start-ThreadJob -Name Send-MgUploadItem -ArgumentList $manifest, $parameters, $found { param($manifest, $parameters, $found) Import-Module $manifest; if ($found) { $found | Send-MgUploadItem @parameters } else { Send-MgUploadItem @parameters } }",
            manifest, parameters, found)[0];
    }

    private static PSObject Found(string path)
    {
        var one = new PSObject();
        one.Properties.Add(new PSNoteProperty(nameof(LiteralPath), path));
        return one;
    }

    private static JsonArray Texts(string[]? texts) => new([.. (texts ?? []).Select(static text => (JsonNode?)text)]);
}
