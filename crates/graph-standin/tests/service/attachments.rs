//! Outlook, To Do and print.

use crate::common::{bytes, client, error, json_of};
use graph_standin::Listener;
use serde_json::{Value, json};

const SMALL: &str = r#"{"outlook": {"minSize": 4}}"#;

fn small() -> crate::common::Client {
    client(serde_json::from_str(SMALL).expect("JSON"))
}

fn outlook(name: &str, size: usize) -> Value {
    json!({"AttachmentItem": {"attachmentType": "file", "name": name, "size": size, "contentType": "image/jpeg"}})
}

#[test]
fn an_outlook_attachment() {
    let mut c = small();
    let all = bytes(10);
    let url = c.create(
        "/v1.0/users/u/messages/m/attachments/microsoft.graph.createUploadSession",
        &outlook("f.jpg", 10),
    );
    assert!(url.contains("/AttachmentSessions('"), "{url}");
    let answer = c.put(&url, &all, 0, 4);
    assert_eq!((answer.status, &json_of(&answer)["NextExpectedRanges"]), (200, &json!(["4"])));
    assert_eq!(error(&c.put(&url, &all, 5, 10)).0, 416);
    let answer = c.put(&url, &all, 4, 10);
    assert_eq!((answer.status, answer.body.len()), (201, 0));
    assert!(answer.header("Location").is_some_and(|l| l.contains("/Attachments('AAMk")));
    let list = json_of(&c.graph(
        "GET",
        "/v1.0/users/u/mailFolders/x/messages/m/attachments?$select=id,name,size",
        &Value::Null,
    ));
    assert_eq!(list["value"][0]["name"], "f.jpg");
    assert!(list["value"][0]["size"].as_u64() > Some(10), "the size grows");
    assert_eq!(error(&c.status(&url)), (404, "ErrorItemNotFound".into(), String::new()));
}

#[test]
fn outlook_refusals() {
    let mut c = small();
    let place = |id: &str| format!("/v1.0/users/u/messages/{id}/attachments/createUploadSession");
    let cases = [
        (place("missing"), outlook("a", 9), 404, "ErrorItemNotFound"),
        (place("denied"), outlook("a", 9), 403, "ErrorAccessDenied"),
        (place("sent1"), outlook("a", 9), 400, "ErrorInvalidRequest"),
        (place("m"), json!({"attachmentItem": {}}), 400, "ErrorInvalidRequest"),
        (place("m"), outlook("a", 3), 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"),
        (place("m"), outlook("a", 200_000_000), 400, "ErrorAttachmentSizeLimitExceeded"),
    ];
    for (target, body, status, code) in cases {
        assert_eq!(
            error(&c.graph("POST", &target, &body)),
            (status, code.into(), String::new()),
            "{target} {body}"
        );
    }
    let url = c.create(&place("m"), &outlook("a", 9));
    let range = ("Content-Range", "bytes 0-8/9");
    let all = bytes(9);
    let answer = c.send("PUT", &url, &[range, ("Authorization", "Bearer t")], &all).answer;
    assert_eq!(error(&answer).1, "InvalidAudienceForResource");
    assert_eq!(c.send("PUT", &url, &[range], &all).answer.status, 415);
    let mut c = client(json!({"outlook": {"minSize": 1, "messageLimit": 8}}));
    let url = c.create(&place("m"), &outlook("a", 9));
    assert_eq!(error(&c.put(&url, &all, 0, 9)).1, "ErrorMessageSizeExceeded");
}

#[test]
fn a_to_do_attachment_goes_to_graph_with_the_token() {
    let mut c = client(json!({}));
    let all = bytes(10);
    let body = json!({"attachmentInfo": {"attachmentType": "file", "name": "f", "size": 10}});
    let target = "/v1.0/users/u/todo/lists/l/tasks/t/attachments/createUploadSession";
    let application = c.deliver(
        Listener::Graph,
        "POST",
        target,
        &[("Authorization", "Bearer app")],
        body.to_string().as_bytes(),
    );
    assert_eq!(application.answer.status, 403);
    let url = c.create(target, &body);
    assert!(url.starts_with("https://graph.test/v1.0/users/u/todo/lists/l/tasks/t/attachmentSessions/"));
    assert_eq!(c.put(&url, &all, 0, 10).status, 404, "the bare URL");
    let content = format!("{url}/content");
    assert_eq!(c.send("PUT", &content, &[("Content-Range", "bytes 0-9/10")], &all).answer.status, 401);
    let answer = c.put(&content, &all, 0, 4);
    assert_eq!((answer.status, &json_of(&answer)["NextExpectedRanges"]), (200, &json!(["4"])));
    assert_eq!(c.send("GET", &url, &[], b"").answer.status, 401);
    assert_eq!(c.send("GET", &url, &[("Authorization", "Bearer t")], b"").answer.status, 200);
    let answer = c.put(&content, &all, 4, 10);
    assert_eq!(answer.status, 201);
    assert!(answer.header("Location").is_some_and(|l| l.contains("/tasks/t/attachments/AAMk")));
    assert_eq!(c.service.violations(), Vec::<String>::new());
    let list = json_of(&c.graph("GET", "/v1.0/users/u/todo/lists/l/tasks/t/attachments", &Value::Null));
    assert_eq!(list["value"][0]["size"], 10);

    let url = c.create(
        target,
        &json!({"attachmentInfo": {"attachmentType": "file", "name": "g", "size": 5_000_000}}),
    );
    let all = bytes(5_000_000);
    assert_eq!(c.put(&format!("{url}/content"), &all, 0, 4_500_000).status, 413);
    let large = json!({"attachmentInfo": {"attachmentType": "file", "name": "g", "size": 27_000_000}});
    assert_eq!(c.graph("POST", target, &large).status, 400);
}

#[test]
fn a_print_document_in_any_order() {
    let mut c = client(json!({"print": {"contentTypes": ["application/pdf"]}, "keepBytes": true}));
    let all = bytes(100);
    let body =
        |kind: &str| json!({"properties": {"documentName": "T.pdf", "contentType": kind, "size": 100}});
    let target = "/v1.0/print/shares/p/jobs/1/documents/d/microsoft.graph.createUploadSession";
    assert_eq!(error(&c.graph("POST", target, &body("x/y"))), (415, "415".into(), String::new()));
    let url = c.create(target, &body("application/pdf"));
    assert_eq!(json_of(&c.put(&url, &all, 20, 40))["nextExpectedRanges"], json!(["0-19", "40-99"]));
    assert_eq!(error(&c.put(&url, &all, 30, 50)).2, "fragmentOverlap");
    assert_eq!(c.put(&url, &all, 90, 100).status, 202);
    let answer = c.send("PUT", &url, &[("Content-Range", "bytes=0-19/100")], &all[..20]).answer;
    assert_eq!(json_of(&answer)["nextExpectedRanges"], json!(["40-89"]));
    let answer = c.put(&url, &all, 40, 90);
    assert_eq!((answer.status, &json_of(&answer)["size"]), (201, &json!(100)));
    assert_eq!(c.service.files()[0].bytes.as_deref(), Some(&all[..]));
    assert_eq!(c.service.violations(), Vec::<String>::new());
    let read = json_of(&c.graph("GET", "/v1.0/print/printerShares/p/jobs/1/documents/d", &Value::Null));
    assert!(read["uploadedDateTime"].is_string());
    assert_eq!(error(&c.send("GET", &url, &[("Authorization", "Bearer t")], b"").answer).0, 404);
}

#[test]
fn a_small_attachment_comes_with_its_bytes() {
    let mut c = client(json!({"outlook": {"pageSize": 1, "messageLimit": 20}}));
    let place = "/v1.0/me/messages/m/attachments";
    let small =
        |kind: &str, bytes: &str| json!({"@odata.type": kind, "name": "a.txt", "contentBytes": bytes});
    let file = "#microsoft.graph.fileAttachment";
    for (target, body, status) in [
        (place, small(file, "YWJj"), 201),
        (place, small("fileAttachment", "YWJj"), 400),
        (place, small(file, "no base64"), 400),
        (place, json!({"@odata.type": file, "name": "a.txt"}), 400),
        (place, json!({"@odata.type": file, "name": "a.txt", "contentBytes": "", "size": 0}), 400),
        ("/v1.0/me/messages/sent1/attachments", small(file, "YWJj"), 400),
        ("/v1.0/me/todo/lists/l/tasks/t/attachments", small(file, "YWJj"), 400),
        (
            "/v1.0/me/todo/lists/l/tasks/t/attachments",
            small("#microsoft.graph.taskFileAttachment", "YWJj"),
            201,
        ),
        (place, small(file, "YWJjZGVmZ2hpamtsbW5vcHFyc3Q="), 400),
    ] {
        assert_eq!(c.graph("POST", target, &body).status, status, "{target} {body}");
    }
    let all = "x".repeat(4_194_304);
    assert_eq!(c.graph("POST", place, &small(file, &all)).status, 413);
    assert_eq!(c.graph("POST", place, &small(file, "")).status, 201);
    let page = json_of(&c.graph("GET", place, &Value::Null));
    assert_eq!(page["value"].as_array().map(Vec::len), Some(1));
    let next = page["@odata.nextLink"].as_str().unwrap().trim_start_matches("https://graph.test").to_owned();
    let page = json_of(&c.graph("GET", &next, &Value::Null));
    assert_eq!((page["value"].as_array().map(Vec::len), &page["@odata.nextLink"]), (Some(1), &Value::Null));
}

#[test]
fn what_files_are_attached_to_can_be_read() {
    let mut c = client(json!({"outlook": {"body": "<p>cid:x</p>"}}));
    let read = |c: &mut crate::common::Client, target: &str| json_of(&c.graph("GET", target, &Value::Null));
    assert_eq!(read(&mut c, "/v1.0/me/messages/m?$select=isDraft"), json!({"id": "m", "isDraft": true}));
    assert_eq!(read(&mut c, "/v1.0/users/u/messages/sent1")["isDraft"], false);
    assert_eq!(read(&mut c, "/v1.0/me/messages/m?$select=body")["body"]["content"], "<p>cid:x</p>");
    assert_eq!(c.graph("GET", "/v1.0/me/messages/missing", &Value::Null).status, 404);
    assert_eq!(c.graph("DELETE", "/v1.0/me/messages/m", &Value::Null).status, 405);
}

#[test]
fn a_print_job_from_its_making_to_its_end() {
    let mut c = client(json!({"print": {"contentTypes": ["application/pdf"], "jobSeconds": 3}}));
    let printer = json_of(&c.graph("GET", "/v1.0/print/shares/s?$select=capabilities", &Value::Null));
    assert_eq!(printer["capabilities"]["contentTypes"], json!(["application/pdf"]));
    for body in [json!({}), json!({"configuration": {}, "displayName": "x"}), json!({"configuration": 1})] {
        assert_eq!(c.graph("POST", "/v1.0/print/shares/s/jobs", &body).status, 400, "{body}");
    }
    let job = json_of(&c.graph("POST", "/v1.0/print/shares/s/jobs", &json!({"configuration": {}})));
    let place = format!("/v1.0/print/shares/s/jobs/{}", job["id"].as_str().unwrap());
    let document = job["documents"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        json_of(&c.graph("GET", &format!("{place}/documents"), &Value::Null))["value"][0]["id"],
        document
    );
    let start = format!("{place}/start");
    assert_eq!(c.graph("POST", &start, &Value::Null).status, 400, "its document is missing");
    let properties = json!({"documentName": "a", "contentType": "application/pdf", "size": 4});
    let session = format!("{place}/documents/{document}/createUploadSession");
    let url = c.create(&session, &json!({"properties": properties}));
    assert_eq!(c.put(&url, &bytes(4), 0, 4).status, 201);
    let state = |c: &mut crate::common::Client| {
        json_of(&c.graph("GET", &place, &Value::Null))["status"]["state"].clone()
    };
    assert_eq!(state(&mut c), "paused");
    assert_eq!(json_of(&c.graph("POST", &start, &Value::Null))["state"], "pending");
    assert_eq!(c.graph("POST", &start, &Value::Null).status, 409);
    c.now += 1000;
    assert_eq!(state(&mut c), "processing");
    c.now += 2000;
    assert_eq!(state(&mut c), "completed");
    assert_eq!(c.graph("POST", &format!("{place}/cancel"), &Value::Null).status, 204);
    assert_eq!(state(&mut c), "canceled");
    assert_eq!(c.graph("GET", "/v1.0/print/shares/s/jobs/999", &Value::Null).status, 404);
}
