//! Where a session is asked for, as the real service wants it: in the path, with the file's name.

use crate::support::{Bench, content, session_for, sha256};
use mg_upload::{CreateRequest, FRAGMENT_UNIT, Kind};
use serde_json::{Value, json};

const ACTION: &str = "microsoft.graph.createUploadSession";

fn request(drive: &str, id: Option<&str>, body: &Value) -> CreateRequest {
    let route = if id.is_some() { "MgDriveItemUploadSession" } else { "MgDriveRootUploadSession" };
    let ids = json!({"DriveId": drive, "DriveItemId": id.unwrap_or_default()});
    serde_json::from_value(json!({"route": route, "ids": ids, "body": body})).unwrap()
}

fn with_items() -> Bench {
    let items = json!([
        {"path": "/there.bin", "id": "01FILE", "size": 5},
        {"path": "/dir", "id": "01DIR", "folder": true},
        {"path": "/dir/in.bin", "id": "01INNER", "size": 5},
    ]);
    Bench::with_config(&json!({"drive": {"items": items}}))
}

fn graph_requests(bench: &Bench) -> Vec<String> {
    let service = bench.transport.service();
    let on_graph = service.requests().iter().filter(|r| r.target.starts_with("/v1.0/"));
    on_graph.map(|r| format!("{} {}", r.method, r.target.split('?').next().unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_names_a_file_arrives_there() {
    for (id, body, path, requests) in [
        (None, json!({"item": {"name": "a b.bin"}}), "d:/a b.bin", 1),
        (Some("root"), json!({"item": {"name": "a.bin"}}), "d:/a.bin", 1),
        (Some("01DIR"), json!({"item": {"name": "a.bin"}}), "d:/dir/a.bin", 1),
        (Some("root:/dir/a.bin"), json!({}), "d:/dir/a.bin", 1),
        (Some("root:/dir/a.bin"), json!({"item": {"name": "a.bin"}}), "d:/dir/a.bin", 1),
        (Some("01DIR:/sub/a.bin"), json!({}), "d:/dir/sub/a.bin", 1),
        (Some("01DIR:/sub/"), json!({"item": {"name": "a.bin"}}), "d:/dir/sub/a.bin", 1),
        (Some("01FILE"), json!({}), "d:/there.bin", 1),
        // The folder's form, the question what the item is, the file's form.
        (Some("01FILE"), json!({"item": {"name": "there.bin"}}), "d:/there.bin", 3),
        (Some("01INNER"), json!({"deferCommit": false, "item": {"name": "in.bin"}}), "d:/dir/in.bin", 3),
    ] {
        let bench = with_items();
        let file = bench.file("source", FRAGMENT_UNIT);
        let session = session_for(&bench.client, &request("d", id, &body)).await;
        let session = session.unwrap_or_else(|error| panic!("{id:?} {body}: {error}"));
        assert_eq!(graph_requests(&bench).len(), requests, "{id:?} {body}: {:?}", graph_requests(&bench));
        bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        let stored = bench.transport.service().files().to_vec();
        assert_eq!((stored.len(), stored[0].path.as_str()), (1, path), "{id:?} {body}");
        assert_eq!(bench.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_personal_drive_replaces_a_file_by_its_folder_and_name() {
    let items =
        json!([{"path": "/dir", "id": "01DIR", "folder": true}, {"path": "/dir/in.bin", "id": "01INNER"}]);
    let bench = Bench::with_config(&json!({"drive": {"items": items}}));
    let body = json!({"item": {"@microsoft.graph.conflictBehavior": "replace", "name": "in.bin"}});
    let session = session_for(&bench.client, &request("personal", Some("01INNER"), &body)).await.unwrap();
    let asked = graph_requests(&bench);
    assert_eq!(asked[2], format!("POST /v1.0/drives/personal/items/01DIR:/in.bin:/{ACTION}"));
    bench.upload(session, &bench.file("source", 9), FRAGMENT_UNIT).await.unwrap();
    let stored = bench.transport.service().files().to_vec();
    assert_eq!((stored[0].id.as_str(), stored[0].path.as_str()), ("01INNER", "personal:/dir/in.bin"));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_guess_puts_nothing_anywhere() {
    for (drive, id, body, kind, text) in [
        ("d", Some("01FILE"), json!({"item": {"name": "other.bin"}}), Kind::InvalidInput, "'there.bin'"),
        ("d", Some("01FILE"), json!({"item": {"name": "There.bin"}}), Kind::InvalidInput, "'there.bin'"),
        ("d", Some("missing"), json!({"item": {"name": "a"}}), Kind::NotFound, "could not be found"),
        ("d", Some("01DIR"), json!({}), Kind::InvalidInput, "on a folder"),
        ("d", None, json!({}), Kind::InvalidInput, "on a folder"),
        ("personal", None, json!({}), Kind::InvalidInput, "not provided in url"),
        ("d", Some("root:/dir:"), json!({"item": {"name": "a.bin"}}), Kind::InvalidInput, "folder"),
        ("d", Some("root:/x:"), json!({"item": {"name": "a.bin"}}), Kind::InvalidInput, "doesn't match"),
        ("d", Some("root:/dir/"), json!({}), Kind::InvalidInput, "names a folder"),
        ("d", None, json!({"item": {"name": "dir/a.bin"}}), Kind::InvalidInput, "no file's name"),
    ] {
        let bench = with_items();
        let error = session_for(&bench.client, &request(drive, id, &body)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{id:?} {body}: {error}");
        let shown = mg_upload::report::failure(&error).to_string();
        assert!(shown.contains(text), "{id:?} {body}: {shown}");
        assert!(bench.transport.service().sessions().is_empty(), "{id:?} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_no_reason_to_ask_what_the_item_is() {
    let bench = with_items();
    let body = json!({"item": {"@microsoft.graph.conflictBehavior": "fail", "name": "in.bin"}});
    let error = session_for(&bench.client, &request("d", Some("01DIR"), &body)).await.unwrap_err();
    assert_eq!((error.kind(), graph_requests(&bench).len()), (Kind::Conflict, 1));
}

/// The session is made again by what made it: by the file's id, not by a folder's.
#[tokio::test(start_paused = true)]
async fn a_file_known_by_its_id_is_found_and_made_again_by_it() {
    let bench = with_items();
    let size = 3 * FRAGMENT_UNIT;
    let file = bench.file("source", size);
    let body = json!({"item": {"name": "there.bin"}});
    let session = session_for(&bench.client, &request("d", Some("01FILE"), &body)).await.unwrap();
    let expired = json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}});
    bench.script(json!([{"on": {"route": "put", "part": "middle"}, "do": expired}]));
    bench.transport.service().forget_requests();
    bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))]);
    let asked = graph_requests(&bench);
    assert!(
        asked.iter().all(|request| request.contains("/items/01FILE/") || request.ends_with("/01FILE")),
        "{asked:?}"
    );
    assert!(asked.iter().any(|request| request.starts_with("POST ")), "{asked:?}");
}
