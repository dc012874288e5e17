//! What the service refuses is refused here, unless a test asks for leniency by its name.

use crate::common::{Client, client, error, json_of};
use graph_standin::{Head, Listener, Request};
use serde_json::{Value, json};

fn create(c: &mut Client, place: &str, body: &Value) -> (u16, String) {
    let answer = c.graph("POST", &format!("/v1.0/{place}"), body);
    (answer.status, json_of(&answer)["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_session_needs_the_files_name_in_its_url() {
    let items = json!({"items": [{"path": "/there.bin", "id": "01FILE"}, {"path": "/dir", "id": "01DIR", "folder": true}]});
    let named = |name: &str| json!({"item": {"name": name}});
    let folder = "Cannot create an upload session on a folder";
    let unnamed = "File name not provided in url";
    let other = "Name specified in the path doesn't match the name specified in the request body";
    for (place, body, status, text) in [
        ("drives/d/root/createUploadSession", named("a"), 400, folder),
        ("drives/personal/root/createUploadSession", named("a"), 400, unnamed),
        ("drives/d/items/01DIR/createUploadSession", named("a"), 400, folder),
        ("drives/personal/items/01DIR/createUploadSession", named("a"), 400, unnamed),
        ("drives/d/items/folder7/microsoft.graph.createUploadSession", named("a"), 400, folder),
        ("drives/d/items/01FILE/createUploadSession", json!({}), 200, ""),
        ("drives/d/items/01FILE/createUploadSession", named("there.bin"), 200, ""),
        ("drives/d/items/01FILE/createUploadSession", named("a"), 400, other),
        ("drives/personal/items/01FILE/createUploadSession", named("there.bin"), 400, unnamed),
        (
            "drives/d/items/01FILE:/a:/createUploadSession",
            named("a"),
            404,
            "The resource could not be found.",
        ),
        ("drives/d/items/01NONE/createUploadSession", named("a"), 404, "The resource could not be found."),
        ("drives/d/items/01DIR:/a:/createUploadSession", named("a"), 200, ""),
        ("drives/d/root:/a/createUploadSession", named("a"), 400, "API not found"),
        ("drives/d/items/01DIR:/a/microsoft.graph.createUploadSession", json!({}), 400, "API not found"),
        ("drives/d/items/root%3A%2Fa/createUploadSession", json!({}), 400, "API not found"),
        ("drives/d/root:/a(1):/createUploadSession", json!({}), 400, "API not found"),
        ("drives/d/root:/a%281%29:/createUploadSession", named("a(1)"), 200, ""),
        ("drives/d/root:/forms:/createUploadSession", json!({}), 400, "The provided name is not allowed."),
        ("drives/d/root:/x/forms:/createUploadSession", json!({}), 200, ""),
        ("drives/personal/root:/a%2541:/createUploadSession", named("a%41"), 400, other),
        ("drives/d/root:/a%2541:/createUploadSession", named("a%41"), 200, ""),
    ] {
        let mut c = client(json!({"drive": items}));
        assert_eq!(create(&mut c, place, &body), (status, text.to_owned()), "{place} {body}");
    }
    let mut c = client(json!({"needsClosingColon": false, "knownFilesOnly": false}));
    assert_eq!(create(&mut c, "drives/d/root:/a/createUploadSession", &named("a")).0, 200);
    assert_eq!(create(&mut c, "drives/d/items/01NONE/createUploadSession", &json!({})).0, 200);
}

#[test]
fn a_drive_takes_its_own_members_in_their_order() {
    for (drive, body, status) in [
        ("d", json!({"item": {"fileSize": 1}}), 400),
        ("personal", json!({"item": {"fileSize": 1}}), 200),
        ("d", json!({"item": {"description": "x"}}), 400),
        ("personal", json!({"item": {"description": "x"}}), 200),
        ("d", json!({"item": {"driveItemSource": {}}}), 200),
        ("personal", json!({"item": {"driveItemSource": {}}}), 400),
        ("d", json!({"item": {"name": 5}}), 400),
        ("d", json!({"item": {"deferCommit": true}}), 400),
        ("d", json!({"deferCommit": "yes"}), 400),
        ("d", json!({"AttachmentItem": {}}), 400),
    ] {
        let place = format!("drives/{drive}/root:/a:/createUploadSession");
        assert_eq!(create(&mut client(json!({})), &place, &body).0, status, "{drive} {body}");
    }
    let mut c = client(json!({"drive": {"ownMembersOnly": false}}));
    let place = "drives/d/root:/a:/createUploadSession";
    assert_eq!(create(&mut c, place, &json!({"item": {"description": "x"}})).0, 200);

    let late = br#"{"item":{"name":"a","@microsoft.graph.conflictBehavior":"fail"}}"#;
    let sent = |config: Value| {
        let mut c = client(config);
        let target = format!("/v1.0/{place}");
        c.deliver(Listener::Graph, "POST", &target, &[("Authorization", "Bearer t")], late).answer.status
    };
    assert_eq!(sent(json!({})), 400);
    assert_eq!(sent(json!({"drive": {"annotationFirst": false}})), 200);
}

#[test]
fn china_addresses_children() {
    let mut c = client(json!({"drive": {"addressing": "children"}}));
    let place = "drives/d/items/01DIR:/a:/createUploadSession";
    assert_eq!(create(&mut c, place, &json!({})).0, 400);
    assert_eq!(
        create(&mut c, "drives/d/items/01DIR/children('a''b')/createUploadSession", &json!({})).0,
        200
    );
    let by_alias = "drives/d/root/children('@a1')/createUploadSession?@a1='x/y'";
    assert_eq!(create(&mut c, by_alias, &json!({})).0, 200);
    let sessions = c.service.sessions();
    let places: Vec<&str> = sessions.iter().map(|session| session.destination.as_str()).collect();
    assert_eq!(places, ["d:/01DIR/a'b", "d:/x/y"]);
}

#[test]
fn who_says_no_length_is_asked_for_it() {
    let post = |c: &mut Client, listener, method: &str, target: &str| {
        let headers = vec![("Authorization".to_owned(), "Bearer t".to_owned())];
        let headers = if listener == Listener::Graph { headers } else { Vec::new() };
        let head = Head { listener, method: method.to_owned(), target: target.to_owned(), headers };
        c.service.deliver(&Request { head, body: Vec::new() }, c.now).answer.status
    };
    let mut c = client(json!({}));
    let url = c.create("/v1.0/drives/d/root:/a:/createUploadSession", &json!({"deferCommit": true}));
    let target = url.strip_prefix("https://upload.test").expect("an upload URL").to_owned();
    c.put(&url, b"abc", 0, 3);
    assert_eq!(post(&mut c, Listener::Upload, "POST", &target), 411);
    assert_eq!(post(&mut c, Listener::Graph, "PUT", "/v1.0/drives/d/root:/b:/content"), 411);
    assert_eq!(post(&mut c, Listener::Graph, "POST", "/v1.0/drives/d/root:/b:/createUploadSession"), 411);
    assert_eq!(post(&mut c, Listener::Graph, "GET", "/v1.0/drives/d/root"), 200);
    assert_eq!(c.send("POST", &url, &[], b"").answer.status, 201);
    let mut lenient = client(json!({"needsContentLength": false}));
    assert_eq!(post(&mut lenient, Listener::Graph, "PUT", "/v1.0/drives/d/root:/b:/content"), 201);
}

#[test]
fn quotes_may_come_encoded_which_is_noted() {
    let mut c = client(json!({}));
    let url = c.drive("a.bin");
    assert_eq!(c.put(&url.replace('\'', "%27"), b"abc", 0, 3).status, 201);
    let notes = c.service.violations();
    assert!(notes.len() == 1 && notes[0].contains("%27"), "{notes:?}");
    let outlook = json!({"AttachmentItem": {"attachmentType": "File", "name": "a", "size": 3_000_000}});
    let url = c.create("/v1.0/me/messages/m/attachments/createUploadSession", &outlook);
    assert!(!url.split('?').nth(1).expect("a query").contains('\''), "{url}");
    let print = json!({"properties": {"documentName": "a", "contentType": "application/pdf", "size": 9}});
    let url = c.create("/v1.0/print/printers/p/jobs/1/documents/d/createUploadSession", &print);
    assert!(!url.contains('\''), "{url}");
}

#[test]
fn attachments_have_these_members_and_no_other() {
    let place = "me/messages/m/attachments/createUploadSession";
    let with = |name: &str, value: Value| {
        let mut item = json!({"attachmentType": "file", "name": "a", "size": 3_000_000});
        item[name] = value;
        json!({"AttachmentItem": item})
    };
    for (body, status) in [
        (with("attachmentType", json!("FILE")), 201),
        (with("attachmentType", json!("reference")), 400),
        (with("isInline", json!(true)), 201),
        (with("isInline", json!("yes")), 400),
        (with("contentId", json!("c")), 201),
        (with("size", json!("3000000")), 400),
        (with("length", json!(1)), 400),
    ] {
        assert_eq!(create(&mut client(json!({})), place, &body).0, status, "{body}");
    }
}

#[test]
fn applications_cannot_print() {
    let mut c = client(json!({}));
    let body = json!({"properties": {"documentName": "a", "contentType": "application/pdf", "size": 9}});
    let target = "/v1.0/print/shares/p/jobs/1/documents/d/createUploadSession";
    let headers = [("Authorization", "Bearer app")];
    let answer = c.deliver(Listener::Graph, "POST", target, &headers, body.to_string().as_bytes()).answer;
    assert_eq!(error(&answer), (403, "UnknownError".into(), String::new()));
}

#[test]
fn a_condition_may_name_the_version_that_is_not_wanted() {
    let mut c = client(json!({"drive": {"items": [{"path": "/a", "eTag": "\"e1\""}]}}));
    for (tag, status) in [("\"e1\"", 412), ("\"e0\"", 200)] {
        let headers = [("Authorization", "Bearer t"), ("If-None-Match", tag)];
        let target = "/v1.0/drives/d/root:/a:/createUploadSession";
        let answer = c.deliver(Listener::Graph, "POST", target, &headers, b"{}").answer;
        assert_eq!(answer.status, status, "{tag}");
    }
}

#[test]
fn a_child_is_made_by_post() {
    let mut c = client(json!({}));
    let children = "/v1.0/drives/d/root/children";
    let folder = json!({"name": "dir", "folder": {}, "@microsoft.graph.conflictBehavior": "fail"});
    let made = c.graph("POST", children, &folder);
    assert_eq!((made.status, &json_of(&made)["folder"]["childCount"]), (201, &json!(0)));
    assert_eq!(error(&c.graph("POST", children, &folder)).1, "nameAlreadyExists");
    let renamed = json!({"name": "dir", "folder": {}, "@microsoft.graph.conflictBehavior": "rename"});
    assert_eq!(json_of(&c.graph("POST", children, &renamed))["name"], "dir 1");
    assert_eq!(c.graph("POST", children, &json!({"folder": {}})).status, 400);
    let id = json_of(&made)["id"].as_str().expect("an id").to_owned();
    let inside = format!("/v1.0/drives/d/items/{id}/children");
    assert_eq!(c.graph("POST", &inside, &json!({"name": "sub", "folder": {}})).status, 201);
    assert_eq!(json_of(&c.graph("GET", &inside, &Value::Null))["value"][0]["name"], "sub");
    assert_eq!(c.graph("GET", "/v1.0/drives/d/root:/none:/children", &Value::Null).status, 404);
    assert_eq!(c.graph("PUT", children, &folder).status, 405);
}

#[test]
fn a_control_character_never_reaches_the_service() {
    let answer =
        client(json!({})).graph("POST", "/v1.0/drives/d/root:/a%0A:/createUploadSession", &json!({}));
    assert_eq!((answer.status, answer.header("Content-Type")), (400, Some("text/html")));
    assert!(answer.body.starts_with(b"<html>"));
}
