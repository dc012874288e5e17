//! Files attached: small ones in one request, others through a session, none twice.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mg_upload::attachment::{NewAttachment, Planned, Standing, Target};
use mg_upload::{Error, Kind, Progress, UploadOptions, Uploaded};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, content, sha256};

fn target(kind: &str, id: &str) -> Target {
    let (route, ids) = match kind {
        "message" => ("MgUserMessageAttachmentUploadSession", json!({ "UserId": "me", "MessageId": id })),
        "event" => ("MgGroupEventAttachmentUploadSession", json!({ "GroupId": "g", "EventId": id })),
        "post" => (
            "MgGroupThreadPostAttachmentUploadSession",
            json!({ "GroupId": "g", "ConversationThreadId": "t", "PostId": id }),
        ),
        "task" => (
            "MgUserTodoListTaskAttachmentUploadSession",
            json!({ "UserId": "u", "TodoTaskListId": "l", "TodoTaskId": id }),
        ),
        other => (other, json!({})),
    };
    serde_json::from_value(json!({ "route": route, "ids": ids })).unwrap()
}

async fn attach(bench: &Bench, target: &Target, new: Value, path: &Path) -> Result<Uploaded, Error> {
    attach_within(bench, UploadOptions::default(), target, new, path).await
}

async fn attach_within(
    bench: &Bench,
    options: UploadOptions,
    target: &Target,
    new: Value,
    path: &Path,
) -> Result<Uploaded, Error> {
    let new: NewAttachment = serde_json::from_value(new).unwrap();
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    let attached = bench.client.attach(target, &new, path, options, progress, &cancel).await;
    attached.map_err(|failure| failure.error)
}

async fn look(bench: &Bench, target: &Target, plan: Value) -> Result<Standing, Error> {
    let plan: Planned = serde_json::from_value(plan).unwrap();
    bench.client.look_at_attachments(target, &plan, &Progress::default()).await
}

/// Method and path of the requests to Graph, the version left out.
fn asked(bench: &Bench) -> Vec<String> {
    let service = bench.transport.service();
    let graph = service.requests().iter().filter(|one| one.target.starts_with("/v1.0"));
    graph.map(|one| format!("{} {}", one.method, one.target.trim_start_matches("/v1.0"))).collect()
}

#[tokio::test(start_paused = true)]
async fn the_size_decides_how_a_file_is_attached() {
    for (kind, length, way) in [
        ("message", 0, "attachments"),
        ("message", 3_000_000, "attachments"),
        ("message", 3_000_001, "microsoft.graph.createUploadSession"),
        ("event", 10, "attachments"),
        ("post", 3_000_000, "attachments"),
        ("task", 3_000_000, "attachments"),
        ("task", 3_000_001, "microsoft.graph.createUploadSession"),
    ] {
        let bench = Bench::with_config(&json!({}));
        let path = bench.file("a.pdf", length);
        let uploaded = attach(&bench, &target(kind, "x"), json!({ "name": "b.pdf" }), &path).await.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(length))], "{kind} {length}");
        let asked = asked(&bench);
        assert!(asked[0].starts_with("POST /") && asked[0].ends_with(way), "{asked:?}");
        let item = uploaded.item.unwrap();
        assert!(item["id"].as_str().is_some_and(|id| id.starts_with("AAMkATT")), "{item:?}");
        assert!(item["name"] == "b.pdf" && !item.contains_key("contentBytes"), "{item:?}");
        assert_eq!((uploaded.length, bench.violations()), (length, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn an_attachment_is_what_it_was_said_to_be() {
    let bench = Bench::with_config(&json!({}));
    let path = bench.file("a", 9);
    let new = json!({ "name": "logo.png", "isInline": true, "contentId": "logo" });
    attach(&bench, &target("message", "m"), new, &path).await.unwrap();
    attach(&bench, &target("task", "t"), json!({ "name": "a", "contentType": "text/x" }), &path)
        .await
        .unwrap();
    let bodies: Vec<Value> = bench
        .transport
        .service()
        .requests()
        .iter()
        .map(|one| serde_json::from_str(one.body.as_deref().unwrap_or_default()).unwrap_or_default())
        .collect();
    assert_eq!(bodies[0]["contentType"], "image/png");
    assert_eq!((&bodies[0]["isInline"], &bodies[0]["contentId"]), (&json!(true), &json!("logo")));
    assert_eq!(bodies[1]["contentType"], "text/x");
    assert!(bodies[1].get("isInline").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_attachment() {
    for (fault, requests) in [
        (json!({ "reset": "after-store" }), 1),
        (json!({ "answer": { "status": 504 }, "stored": true }), 1),
        (json!({ "reset": "before" }), 2),
    ] {
        let bench = Bench::with_config(&json!({}));
        let path = bench.file("a.txt", 1000);
        bench.script(json!([{ "on": { "method": "POST" }, "do": fault }]));
        let uploaded = attach(&bench, &target("message", "m"), json!({ "name": "a.txt" }), &path).await;
        assert_eq!(uploaded.unwrap().item.unwrap()["name"], "a.txt", "{fault}");
        assert_eq!(bench.sha256_of_stored().len(), 1, "{fault}");
        let posts = asked(&bench).iter().filter(|one| one.starts_with("POST")).count();
        assert_eq!(posts, requests, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_attachment_of_the_name_is_not_taken_for_the_one_whose_answer_was_lost() {
    for by_this_client in [true, false] {
        let mut bench = Bench::with_config(&json!({}));
        let (first, second) = (bench.file("first", 900_000), bench.file("second", 700_000));
        let (target, new) = (target("message", "m"), json!({ "name": "report.pdf" }));
        let known = attach(&bench, &target, new.clone(), &first).await.unwrap().item.unwrap()["id"].clone();
        if !by_this_client {
            bench.restart();
            look(&bench, &target, json!({ "files": [{ "name": "report.pdf", "length": 700_000 }] }))
                .await
                .unwrap();
        }
        bench.script(json!([{ "on": { "method": "POST" }, "do": { "reset": "before" } }]));
        let second = attach(&bench, &target, new, &second).await.unwrap().item.unwrap();
        assert_ne!(second["id"], known);
        assert_eq!(bench.sha256_of_stored().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_again_goes_on_with_what_was_left_half_done() {
    let refused = json!({ "answer": { "status": 403, "code": "accessDenied", "message": "no" } });
    for (kind, change) in [("message", ""), ("task", ""), ("message", "content"), ("message", "place")] {
        let mut bench = Bench::with_config(&json!({}));
        let path = bench.file("a.zip", 20_000_000);
        let new = json!({ "name": "a.zip" });
        bench.script(json!([{ "on": { "route": "put", "nth": 2, "times": 0 }, "do": refused }]));
        attach(&bench, &target(kind, "m"), new.clone(), &path).await.unwrap_err();
        bench.transport.service().clear_faults();
        bench.restart();
        let mut bytes = content(20_000_000);
        if change == "content" {
            bytes[0] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
        }
        bench.transport.service().forget_requests();
        let place = target(kind, if change == "place" { "other" } else { "m" });
        let attached = attach(&bench, &place, new, &path).await.unwrap();
        assert_eq!(attached.item.unwrap()["name"], "a.zip", "{kind} {change}");
        assert_eq!(bench.sha256_of_stored(), [sha256(&bytes)], "{kind} {change}");
        let sent: u64 = bench.transport.service().requests().iter().map(|request| request.body_bytes).sum();
        assert_eq!(sent < 20_000_000, change.is_empty(), "{kind} {change}: {sent}");
        assert_eq!(bench.on_record().len(), usize::from(change == "place"), "{kind} {change}");
        assert_eq!(bench.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_arrived_unseen_is_found_though_the_list_was_read_since() {
    let bench = Bench::with_config(&json!({}));
    let path = bench.file("a.zip", 20_000_000);
    let refused = json!({ "answer": { "status": 403, "code": "accessDenied", "message": "no" } });
    bench.script(json!([
        { "on": { "route": "put", "part": "last" }, "do": { "reset": "after-store" } },
        { "on": { "route": "status", "times": 0 }, "do": refused },
        { "on": { "route": "item", "method": "GET", "times": 0 }, "do": refused },
    ]));
    attach(&bench, &target("message", "m"), json!({ "name": "a.zip" }), &path).await.unwrap_err();
    bench.transport.service().clear_faults();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let plan = json!({ "files": [{ "name": "a.zip", "length": 20_000_000 }] });
    assert!(look(&bench, &target("message", "m"), plan).await.unwrap().already[0].is_some());
    bench.resume(&bench.on_record()[0]).await.unwrap();
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(20_000_000))]);
    assert!(bench.on_record().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_small_file_is_sent_four_times_at_the_most_and_within_the_wait_budget() {
    for (budget, posts) in [(3600, 4), (0, 1)] {
        let bench = Bench::with_config(&json!({}));
        let path = bench.file("a.txt", 1000);
        bench.script(json!([{ "on": { "method": "POST", "times": 0 }, "do": { "reset": "before" } }]));
        let options = UploadOptions { wait_budget: Duration::from_secs(budget), ..UploadOptions::default() };
        let (target, new) = (target("message", "m"), json!({ "name": "a.txt" }));
        let error = attach_within(&bench, options, &target, new, &path).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Network, "{error}");
        assert_eq!(asked(&bench).iter().filter(|one| one.starts_with("POST")).count(), posts);
    }
}

#[tokio::test(start_paused = true)]
async fn the_list_of_what_is_there_is_read_at_graph_alone() {
    let bench = Bench::with_config(&json!({}));
    let page = json!({ "value": [{ "name": "1", "size": 9 }], "@odata.nextLink": "https://other.test/next" });
    bench.script(
        json!([{ "on": { "method": "GET", "nth": 2 }, "do": { "answer": { "status": 200, "body": page } } }]),
    );
    let plan = json!({ "files": [{ "name": "a", "length": 1 }] });
    let standing = look(&bench, &target("message", "m"), plan).await.unwrap();
    assert_eq!(standing.present.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_refuses_is_not_sent_again() {
    let bench = Bench::with_config(&json!({ "outlook": { "messageLimit": 999 } }));
    let path = bench.file("a.txt", 1000);
    let error = attach(&bench, &target("message", "m"), json!({ "name": "a.txt" }), &path).await.unwrap_err();
    assert!(error.refusal().unwrap().graph.has_code("ErrorMessageSizeExceeded"), "{error}");
    assert_eq!(asked(&bench).len(), 1);
    let error = attach(&bench, &target("MgDriveRootUploadSession", ""), json!({ "name": "a" }), &path).await;
    assert_eq!(error.unwrap_err().kind(), Kind::InvalidInput);
    let large = bench.folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(26_214_401).unwrap();
    let error = attach(&bench, &target("task", "t"), json!({ "name": "a" }), &large).await.unwrap_err();
    assert!(matches!(error, Error::WrongSize { too_large: true, .. }), "{error}");
    assert_eq!(asked(&bench).len(), 1, "found out before anything is asked");
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_takes_nothing() {
    let bench = Bench::with_config(&json!({}));
    let plan = json!({ "files": [{ "name": "a", "length": 1 }] });
    let error = look(&bench, &target("message", "sent1"), plan.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Unfit { reason: "notDraft", .. }), "{error}");
    for (kind, id) in [("message", "m"), ("event", "e"), ("post", "p"), ("task", "t")] {
        assert_eq!(look(&bench, &target(kind, id), plan.clone()).await.unwrap().already, [None], "{kind}");
    }
    let missing = look(&bench, &target("message", "missing"), plan).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_read_to_the_last_page() {
    let bench = Bench::with_config(&json!({ "outlook": { "pageSize": 2, "body": "<img src='cid:logo'>" } }));
    let path = bench.file("a", 900);
    for name in ["1", "2", "3", "4", "5"] {
        attach(&bench, &target("message", "m"), json!({ "name": name }), &path).await.unwrap();
    }
    let files = json!([
        { "name": "5", "length": 900, "contentId": "logo" },
        { "name": "6", "length": 900, "contentId": "chart" },
    ]);
    let standing = look(&bench, &target("message", "m"), json!({ "files": files })).await.unwrap();
    assert_eq!(standing.present.len(), 5);
    assert_eq!(standing.already.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    assert_eq!(standing.not_shown, ["chart"]);
    let error = look(&bench, &target("message", "m"), json!({ "files": files, "sizeLimit": 5000 })).await;
    assert!(matches!(error, Err(Error::Unfit { reason: "messageTooLarge", .. })));
}
