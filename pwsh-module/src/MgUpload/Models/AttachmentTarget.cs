using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;

namespace MgUpload.Models;

/// <summary>What files are attached to, by the core's route and its ids.</summary>
/// <param name="Route">The row of the core's route table that makes its sessions.</param>
/// <param name="Ids">The ids of its path.</param>
/// <param name="Permissions">What the token needs.</param>
internal sealed record AttachmentTarget(string Route, IReadOnlyList<IdValue> Ids, string Permissions)
{
    internal static AttachmentTarget Message(string user, string message) => new("MgUserMessageAttachmentUploadSession", [new("UserId", user), new("MessageId", message)],
        "Mail.ReadWrite (Mail.Send alone does not do); for a shared mailbox Mail.ReadWrite.Shared, or Mail.ReadWrite as an application's permission");

    internal static AttachmentTarget Event(string user, string id) =>
        new("MgUserEventAttachmentUploadSession", [new("UserId", user), new("EventId", id)], "Calendars.ReadWrite");

    internal static AttachmentTarget GroupEvent(string group, string id) =>
        new("MgGroupEventAttachmentUploadSession", [new("GroupId", group), new("EventId", id)], "Group.ReadWrite.All, delegated: an application may not");

    internal static AttachmentTarget Post(string group, string thread, string post) =>
        new("MgGroupThreadPostAttachmentUploadSession", [new("GroupId", group), new("ConversationThreadId", thread), new("PostId", post)], "Group.ReadWrite.All");

    internal static AttachmentTarget Task(string user, string list, string task) =>
        new("MgUserTodoListTaskAttachmentUploadSession", [new("UserId", user), new("TodoTaskListId", list), new("TodoTaskId", task)], "Tasks.ReadWrite, delegated: an application may not");

    /// <summary>A request of the core's for it.</summary>
    internal JsonObject Request() => new()
    {
        ["route"] = Route,
        ["ids"] = new JsonObject(Ids.Select(static id => KeyValuePair.Create(id.Name, (JsonNode?)(id.Value ?? string.Empty)))),
    };
}
