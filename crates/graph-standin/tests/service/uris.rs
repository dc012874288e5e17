//! Every URI of the cmdlets, with ids of every sort.

use crate::common::client;
use serde_json::json;

const PARENTS: &[&str] = &[
    "/drives/{drive-id}/items/{driveItem-id}",
    "/drives/{drive-id}/root",
    "/groups/{group-id}/conversations/{conversation-id}/threads/{conversationThread-id}/posts/{post-id}/attachments",
    "/groups/{group-id}/conversations/{conversation-id}/threads/{conversationThread-id}/posts/{post-id}/inReplyTo/attachments",
    "/groups/{group-id}/drives/{drive-id}/items/{driveItem-id}",
    "/groups/{group-id}/drives/{drive-id}/root",
    "/groups/{group-id}/events/{event-id}/attachments",
    "/groups/{group-id}/threads/{conversationThread-id}/posts/{post-id}/attachments",
    "/groups/{group-id}/threads/{conversationThread-id}/posts/{post-id}/inReplyTo/attachments",
    "/print/printerShares/{printerShare-id}/jobs/{printJob-id}/documents/{printDocument-id}",
    "/print/printers/{printer-id}/jobs/{printJob-id}/documents/{printDocument-id}",
    "/print/shares/{printerShare-id}/jobs/{printJob-id}/documents/{printDocument-id}",
    "/users/{user-id}/drives/{drive-id}/items/{driveItem-id}",
    "/users/{user-id}/drives/{drive-id}/root",
    "/users/{user-id}/events/{event-id}/attachments",
    "/users/{user-id}/mailFolders/{mailFolder-id}/childFolders/{mailFolder-id1}/messages/{message-id}/attachments",
    "/users/{user-id}/mailFolders/{mailFolder-id}/messages/{message-id}/attachments",
    "/users/{user-id}/messages/{message-id}/attachments",
    "/users/{user-id}/outlook/taskFolders/{outlookTaskFolder-id}/tasks/{outlookTask-id}/attachments",
    "/users/{user-id}/outlook/taskGroups/{outlookTaskGroup-id}/taskFolders/{outlookTaskFolder-id}/tasks/{outlookTask-id}/attachments",
    "/users/{user-id}/outlook/tasks/{outlookTask-id}/attachments",
    "/users/{user-id}/todo/lists/{todoTaskList-id}/tasks/{todoTask-id}/attachments",
];

#[test]
fn every_uri_creates_a_session() {
    let drive = json!({"item": {"name": "a.bin"}});
    let others = json!({
        "AttachmentItem": {"attachmentType": "file", "name": "a", "size": 3_500_000},
        "attachmentInfo": {"attachmentType": "file", "name": "a", "size": 9},
        "properties": {"documentName": "a", "contentType": "application/pdf", "size": 9},
    });
    // The URIs as they are listed: a drive's lack the name of the file.
    let lenient = json!({"rootNeedsName": false, "knownFilesOnly": false});
    for parent in PARENTS {
        let body = if parent.contains("/drives/") { &drive } else { &others };
        for id in ["1", "a%20b", "%23%25%3F", "%C3%A4%2Fb"] {
            for version in ["v1.0", "beta"] {
                for action in ["createUploadSession", "microsoft.graph.createUploadSession"] {
                    let filled: Vec<&str> =
                        parent.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
                    let target = format!("/{version}{}/{action}", filled.join("/"));
                    let answer = client(lenient.clone()).graph("POST", &target, body);
                    assert!(
                        [200, 201].contains(&answer.status),
                        "{target}: {}",
                        String::from_utf8_lossy(&answer.body)
                    );
                }
            }
        }
    }
}
