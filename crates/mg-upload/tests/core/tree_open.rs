//! Whole trees: what is open when a run begins, and what it leaves open.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use mg_upload::{Rows, TreeRequest};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, client, content};
use crate::tree::{bench, request, send, stored, with};

/// Three fragments of a drive.
const SIZE: u64 = 25_000_000;

/// Files of one name, each in a folder of its own, and a request that sends the one in `folder` alone.
fn one_of(bench: &Bench, folder: &str, salt: u8) -> Value {
    let file = bench.folder.path().join(folder).join("db.bak");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut bytes = content(SIZE);
    bytes[0] ^= salt;
    fs::write(&file, bytes).unwrap();
    with(request(bench.folder.path()), &json!({ "sources": [{ "path": file }] }))
}

/// A run that the service stops in the middle of its file.
async fn leave_half(bench: &Bench, request: &Value) {
    let refused = json!({ "answer": { "status": 403, "code": "accessDenied", "message": "no" } });
    bench.script(json!([{ "on": { "route": "put", "nth": 2, "times": 0 }, "do": refused }]));
    assert_eq!(send(&bench.client, request).await.count("failed"), 1);
    assert_eq!(bench.on_record().len(), 1);
    bench.transport.service().clear_faults();
}

#[tokio::test(start_paused = true)]
async fn another_files_upload_is_not_gone_on_with_in_this_ones_place() {
    for (more, is_gone) in [
        (json!({}), false),
        (json!({}), true),
        (json!({ "ifExists": "replace" }), false),
        (json!({ "force": true }), false),
    ] {
        let bench = bench(&json!({}));
        let [first, second] = [("one", 1), ("two", 2)].map(|(folder, salt)| one_of(&bench, folder, salt));
        leave_half(&bench, &first).await;
        if is_gone {
            fs::remove_dir_all(bench.folder.path().join("one")).unwrap();
        }
        let ran = send(&bench.client, &with(second, &more)).await;
        assert_eq!(ran.count("uploaded"), 1, "{:#?}", ran.rows);
        let there = &stored(&bench.transport, "Archive/2026")["db.bak"];
        assert!(*there == fs::read(bench.folder.path().join("two/db.bak")).unwrap(), "{more} {is_gone}");
        assert!(bench.on_record().is_empty());
        assert!(bench.transport.service().sessions().is_empty());
        assert_eq!(bench.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn its_own_upload_is_gone_on_with() {
    let bench = bench(&json!({}));
    let own = one_of(&bench, "one", 1);
    leave_half(&bench, &own).await;
    bench.transport.service().forget_requests();
    assert_eq!(send(&bench.client, &own).await.count("uploaded"), 1);
    let sent: u64 = bench.transport.service().requests().iter().map(|request| request.body_bytes).sum();
    assert!(sent < SIZE, "{sent}");
}

#[tokio::test(start_paused = true)]
async fn where_no_record_can_be_kept_it_is_sent_all_the_same() {
    let bench = bench(&json!({}));
    let own = one_of(&bench, "one", 1);
    let state = bench.folder.path().join("no folder");
    fs::write(&state, "").unwrap();
    let ran = send(&client(&bench.transport, &state), &own).await;
    assert_eq!(ran.count("uploaded"), 1, "{:?} {:#?}", ran.sent, ran.rows);
}

#[tokio::test(start_paused = true)]
async fn a_small_file_that_is_gone_by_then_leaves_no_session() {
    let mut bench = bench(&json!({}));
    let folder = bench.folder.path().join("Reports");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.txt"), "abc").unwrap();
    let gone = folder.join("a.txt");
    bench.transport.watch = Some(Arc::new(move |asked| {
        if asked.url.expose().contains("createUploadSession") {
            let _ = fs::remove_file(&gone);
        }
    }));
    let client = client(&bench.transport, bench.folder.path());
    let ran = send(&client, &request(bench.folder.path())).await;
    assert_eq!(ran.count("failed"), 1, "{:#?}", ran.rows);
    assert!(bench.on_record().is_empty());
    assert!(bench.transport.service().sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_knows_the_sessions_that_were_being_made() {
    for keeps_record in [true, false] {
        let bench = bench(&json!({}));
        let folder = bench.folder.path().join("Reports");
        fs::create_dir_all(&folder).unwrap();
        for (name, length) in [("small.bin", 1000), ("large.bin", SIZE)] {
            fs::write(folder.join(name), content(length)).unwrap();
        }
        let state = bench.folder.path().join("state");
        if !keeps_record {
            fs::write(&state, "").unwrap();
        }
        let client = client(&bench.transport, &state);
        let slow = json!({ "on": { "route": "create" }, "do": { "stallMillis": 1000 } });
        bench.script(json!([slow, slow]));
        let wanted = TreeRequest::from_json(&request(bench.folder.path()).to_string()).unwrap();
        let (rows, progress, cancel) = (Rows::default(), Arc::default(), CancellationToken::new());
        let stop = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            cancel.cancel();
        };
        let (sent, ()) = tokio::join!(client.send_tree(&wanted, &progress, &rows, &cancel), stop);
        sent.unwrap_err();
        assert_eq!(bench.transport.service().sessions().len(), if keeps_record { 2 } else { 0 });
        bench.transport.service().forget_requests();
        let ran = send(&client, &request(bench.folder.path())).await;
        assert_eq!(ran.count("uploaded"), 2, "{:#?}", ran.rows);
        let asked = bench.transport.service();
        assert!(asked.requests().iter().all(|asked| asked.status != Some(409)), "no name was held");
        assert!(asked.sessions().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_given_another_name_is_not_sent_again() {
    let bench = bench(&json!({}));
    let folder = bench.folder.path().join("Reports");
    fs::create_dir_all(&folder).unwrap();
    let write = |length: u64| {
        for number in 0..20 {
            let name = format!("{number}.bin");
            fs::write(folder.join(name), content(length + number)).unwrap();
        }
    };
    write(1000);
    let wanted = with(request(bench.folder.path()), &json!({ "ifExists": "rename" }));
    assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 20);
    write(2000);
    let full = json!({ "answer": { "status": 507, "code": "quotaLimitReached", "message": "full" } });
    bench.script(json!([{ "on": { "route": "create", "nth": 8, "times": 0 }, "do": full }]));
    let stopped = send(&bench.client, &wanted).await;
    assert!(stopped.sent.is_err());
    let first = stopped.count("uploaded");
    assert!(first > 0);
    bench.transport.service().clear_faults();
    let again = send(&bench.client, &wanted).await;
    assert_eq!((again.count("uploaded"), again.count("unchanged")), (20 - first, first), "{:#?}", again.rows);
    assert_eq!(send(&bench.client, &wanted).await.count("unchanged"), 20);
    // What is no more there, or differs from it, is sent.
    write(3000);
    assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 20);
    assert_eq!(stored(&bench.transport, "Archive/2026/Reports").len(), 60);
    assert_eq!(bench.violations(), [""; 0]);
}
