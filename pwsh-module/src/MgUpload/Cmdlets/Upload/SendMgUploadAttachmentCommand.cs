using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Attaches files to a message, an event, a post or a To Do task, whatever their size.</summary>
[Cmdlet(VerbsCommunications.Send, "MgUploadAttachment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = OfMessage,
    HelpUri = Help.Pages + "Send-MgUploadAttachment.md")]
[OutputType(typeof(ItemResult))]
public sealed class SendMgUploadAttachmentCommand : FilesCmdlet
{
    private const string OfMessage = "Message";
    private const string OfEvent = "Event";
    private const string OfPost = "Post";
    private const string OfTask = "Task";

    /// <summary>The message: a draft.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfMessage)]
    [ValidateNotNullOrEmpty]
    public string? MessageId { get; set; }

    /// <summary>The event.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfEvent)]
    [ValidateNotNullOrEmpty]
    public string? EventId { get; set; }

    /// <summary>The thread of a group's that has the post.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfPost)]
    [Alias("ThreadId")]
    [ValidateNotNullOrEmpty]
    public string? ConversationThreadId { get; set; }

    /// <summary>The post.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfPost)]
    [ValidateNotNullOrEmpty]
    public string? PostId { get; set; }

    /// <summary>The list that has the task.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfTask)]
    [ValidateNotNullOrEmpty]
    public string? TodoTaskListId { get; set; }

    /// <summary>The To Do task.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfTask)]
    [ValidateNotNullOrEmpty]
    public string? TodoTaskId { get; set; }

    /// <summary>Whose it is, by id or user principal name; the signed-in user's where none is given.</summary>
    [Parameter(ParameterSetName = OfMessage)]
    [Parameter(ParameterSetName = OfEvent)]
    [Parameter(ParameterSetName = OfTask)]
    [ValidateNotNullOrEmpty]
    public string UserId { get; set; } = "me";

    /// <summary>The group whose it is.</summary>
    [Parameter(ParameterSetName = OfEvent)]
    [Parameter(Mandatory = true, ParameterSetName = OfPost)]
    [ValidateNotNullOrEmpty]
    public string? GroupId { get; set; }

    /// <summary>The files' media type, where it is not that of their extension.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>Lets the body show the files, in place of listing them.</summary>
    [Parameter(ParameterSetName = OfMessage)]
    [Parameter(ParameterSetName = OfEvent)]
    [Parameter(ParameterSetName = OfPost)]
    public SwitchParameter Inline { get; set; }

    /// <summary>By what names the body shows them, one for each file; their own names where none are given.</summary>
    [Parameter(ParameterSetName = OfMessage)]
    [Parameter(ParameterSetName = OfEvent)]
    [Parameter(ParameterSetName = OfPost)]
    [ValidateNotNullOrEmpty]
    public string[]? ContentId { get; set; }

    /// <summary>What all attachments together may have as they travel, in bytes.</summary>
    [Parameter(ParameterSetName = OfMessage)]
    [Parameter(ParameterSetName = OfEvent)]
    [Parameter(ParameterSetName = OfPost)]
    [ValidateRange(1, long.MaxValue)]
    public long MessageSizeLimit { get; set; }

    /// <summary>Attaches also what may be there already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override void Send(IReadOnlyList<FileInfo> files) => Guard(MessageId ?? EventId ?? PostId ?? TodoTaskId, () =>
    {
        AttachmentTarget target = Target();
        Attachment[] attachments = Attachments(files);
        UploadClient client = ClientFor();
        using JsonDocument standing = Permitted(target.Permissions, () => Look(client, target, attachments));
        string place = Place(client, target);
        TellOf(standing.RootElement);
        JsonElement already = standing.RootElement.GetProperty("already");
        foreach ((Attachment attachment, JsonElement there) in attachments.Zip(already.EnumerateArray()))
        {
            if (StopToken.IsCancellationRequested)
            {
                return;
            }
            Attach(client, target, place, attachment, there);
        }
    });

    private void Attach(UploadClient client, AttachmentTarget target, string place, Attachment attachment, JsonElement there)
    {
        (FileInfo file, string? id) = attachment;
        ItemResult Result(string status) => new() { Path = file.FullName, Destination = place, Name = file.Name, Length = file.Length, Status = status };
        if (there.ValueKind == JsonValueKind.Object && !Force)
        {
            Warn($"{file.Name} was not attached: an attachment of this name and about this size is there already. -Force attaches it again.");
            WriteObject(Result("Skipped"));
            return;
        }
        if (!ShouldProcess(file.FullName, $"Attach to {place}"))
        {
            return;
        }
        JsonObject request = target.Request();
        request["name"] = file.Name;
        request["contentType"] = ContentType;
        request["isInline"] = Inline.IsPresent;
        request["contentId"] = id;
        SendOne(file, () =>
        {
            using JsonDocument answer = Permitted(target.Permissions, () => Transfer(file.FullName, isFile: true, () => client.StartAttach(request.ToJsonString(), file.FullName, default)));
            return ItemResultReader.Uploaded(answer.RootElement, file.FullName, place);
        }, (error, elapsed) => new ItemResult { Path = file.FullName, Destination = place, Name = file.Name, Length = file.Length, Status = "Failed", Error = error, Elapsed = elapsed });
    }

    private AttachmentTarget Target() => ParameterSetName switch
    {
        OfMessage => AttachmentTarget.Message(UserId, MessageId!),
        OfEvent when GroupId is null => AttachmentTarget.Event(UserId, EventId!),
        OfEvent when !MyInvocation.BoundParameters.ContainsKey(nameof(UserId)) => AttachmentTarget.GroupEvent(GroupId, EventId!),
        OfEvent => throw new MgUploadException(ErrorKind.InvalidInput, "An event is a user's or a group's, and both were named; nothing was attached.") { Advice = "Leave -UserId or -GroupId out." },
        OfPost => AttachmentTarget.Post(GroupId!, ConversationThreadId!, PostId!),
        _ => AttachmentTarget.Task(UserId, TodoTaskListId!, TodoTaskId!),
    };

    private Attachment[] Attachments(IReadOnlyList<FileInfo> files)
    {
        if (ContentId is not null && !Inline)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "-ContentId is for files that the body shows; nothing was attached.") { Advice = "Add -Inline, or leave -ContentId out." };
        }
        if (ContentId is not null && ContentId.Length != files.Count)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"There are {files.Count} files and {ContentId.Length} content ids; nothing was attached.") { Advice = "Give one content id for each file, in their order." };
        }
        return [.. files.Select((file, at) => new Attachment(file, Inline ? ContentId?[at] ?? file.Name : null))];
    }

    private JsonDocument Look(UploadClient client, AttachmentTarget target, Attachment[] attachments)
    {
        JsonObject request = target.Request();
        request["files"] = new JsonArray([.. attachments.Select(static one => new JsonObject { ["name"] = one.File.Name, ["length"] = one.File.Length, ["contentId"] = one.ContentId })]);
        request["sizeLimit"] = MessageSizeLimit > 0 ? MessageSizeLimit : null;
        using Operation operation = client.StartLookAtAttachments(request.ToJsonString());
        return JsonDocument.Parse(Await(operation));
    }

    private void TellOf(JsonElement standing)
    {
        if (standing.GetProperty("isLarge").GetBoolean())
        {
            long megabytes = standing.GetProperty("encoded").GetInt64() / (1024 * 1024);
            Warn($"With these files it has {megabytes} MB of attachments as they travel, and mailboxes take 35 MB as a rule: it may be refused when it is sent. -MessageSizeLimit tells what yours takes.");
        }
        foreach (JsonElement id in standing.GetProperty("notShown").EnumerateArray())
        {
            Warn($"The body does not show {Display.Text(id.GetString())}: it has no cid:{Display.Text(id.GetString())}.");
        }
    }

    /// <summary>The path of its attachments, in words.</summary>
    private string Place(UploadClient client, AttachmentTarget target)
    {
        JsonObject request = target.Request();
        request["body"] = new JsonObject();
        using Operation operation = client.StartDescribe(request.ToJsonString());
        return Destination.Of(Await(operation)).Path;
    }

    private sealed record Attachment(FileInfo File, string? ContentId);
}
