using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
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
public sealed partial class SendMgUploadItemCommand : UploadSessionCmdlet
{
    private readonly List<string> _sources = [];
    private CsvReport? _report;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Path is null && !MyInvocation.BoundParameters.ContainsKey(nameof(LiteralPath)) && !MyInvocation.ExpectingInput)
        {
            ThrowTerminatingError(Errors.Record(new MgUploadException(ErrorKind.InvalidInput, "No file and no folder was named.") { Advice = "Give them with -Path or -LiteralPath, or pipe them from Get-ChildItem." }, null));
        }
        foreach (string path in Path ?? [])
        {
            Guard(path, () => _sources.AddRange(SourcePaths.Expanded(SessionState.Path, path)));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in LiteralPath ?? [])
        {
            Guard(path, () => _sources.Add(SourcePaths.Literal(SessionState.Path, path)));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_sources.Count == 0 || StopToken.IsCancellationRequested)
        {
            return;
        }
        Guard(Destination, () =>
        {
            JsonObject request = Request();
            if (AsJob)
            {
                WriteObject(Job(), enumerateCollection: false);
                return;
            }
            string what = $"Upload {(_sources.Count == 1 ? _sources[0] : $"{_sources.Count} files and folders")} to {DestinationInWords}";
            bool really = ShouldProcess(what, $"{what}?", "Confirm", out ShouldProcessReason reason) || reason == ShouldProcessReason.WhatIf;
            request["dryRun"] = reason == ShouldProcessReason.WhatIf;
            if (really)
            {
                Send(request, isDry: reason == ShouldProcessReason.WhatIf);
            }
        });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _report?.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Send(JsonObject request, bool isDry)
    {
        _report = Report is null ? null : OpenReport(Report);
        var bars = new TreeProgress(this, DestinationInWords, TimeProvider.System);
        bool isFloorTold = isDry;
        try
        {
            using Operation operation = ClientFor().StartTree(request.ToJsonString());
            using JsonDocument result = JsonDocument.Parse(AwaitRows(operation, Take, progress =>
            {
                bars.Report(progress, operation.Running());
                if (!isFloorTold && progress.Files is { AllKnown: true } files)
                {
                    isFloorTold = true;
                    Tell(TreeTelling.FloorLine(files.Known, progress.BytesTotal));
                }
            }));
            Show(bars.Complete);
            JsonElement place = result.RootElement.GetProperty("destination");
            string told = $"The destination is drive {Text(place, "driveId")}, folder {Text(place, "itemId") ?? "(to be made)"}, {Text(place, "webUrl")}.";
            Say(told);
            Tell(isDry ? told : null);
            Tell(TreeTelling.Sums(result.RootElement));
        }
        catch (MgUploadException failure) when (failure.Kind == ErrorKind.Cancelled && StopToken.IsCancellationRequested)
        {
            // The pipeline takes nothing more; the person who has stopped it still reads.
            Host.UI.WriteLine(TreeTelling.AfterStop(LastSeen));
            throw;
        }
        catch (MgUploadException failure) when (GoingOn.IsOf(failure.Kind))
        {
            failure.Advice = $"{Advice.For(failure)} The same command goes on: what is there is not sent again.";
            throw;
        }
        finally
        {
            Show(bars.Complete);
            _report?.Dispose();
        }
    }

    /// <summary>One file is settled.</summary>
    private void Take(string row)
    {
        using JsonDocument document = JsonDocument.Parse(row);
        ItemResult result = ItemResultReader.Row(document.RootElement);
        _report?.Add(result);
        foreach (string warning in UploadResultReader.Warnings(document.RootElement))
        {
            Warn($"{result.Path}: {warning}.");
        }
        WriteObject(result);
        if (result.Error is not null)
        {
            base.Report(result.Error);
        }
    }

    private JsonObject Request()
    {
        string? only = IsOne && File.Exists(_sources[0]) ? _sources[0] : null;
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
    private bool IsOne => _sources.Count == 1 && !MyInvocation.ExpectingInput && !(Path ?? []).Any(WildcardPattern.ContainsWildcardCharacters);

    private CsvReport OpenReport(string path)
    {
        string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        try
        {
            return provider.Name == "FileSystem" ? new CsvReport(full) : throw new IOException("it is no path of the file system");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"The report {full} cannot be written: {error.Message}", error) { Advice = "Name a file that can be written to; nothing was sent." };
        }
    }

    /// <summary>A line that the host shows and that can be redirected; nothing where there is none.</summary>
    private void Tell(string? line)
    {
        if (line is not null)
        {
            WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST", "MgUpload"]);
        }
    }

    /// <summary>The same command in a job of this process, with the files that were found and the connection of now.</summary>
    private object Job()
    {
        Hashtable parameters = new(MyInvocation.BoundParameters);
        foreach (string own in new[] { nameof(AsJob), nameof(Path) })
        {
            parameters.Remove(own);
        }
        // A job has a location of its own.
        parameters[nameof(LiteralPath)] = _sources.ToArray();
        if (Report is not null)
        {
            parameters[nameof(Report)] = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Report);
        }
        parameters[nameof(Connection)] = ConnectionFor(null) ?? throw new MgUploadException(ErrorKind.Unauthenticated, "There is no connection for the job to use.");
        string manifest = System.IO.Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "MgUpload.psd1");
        return InvokeCommand.InvokeScript(
            "param($manifest, $parameters) Start-ThreadJob -Name Send-MgUploadItem -ArgumentList $manifest, $parameters { param($manifest, $parameters) Import-Module $manifest; Send-MgUploadItem @parameters }",
            manifest, parameters)[0];
    }

    private static JsonArray Texts(string[]? texts) => new([.. (texts ?? []).Select(static text => (JsonNode?)text)]);

    private static string? Text(JsonElement element, string name) => ItemResultReader.Text(element, name);
}
