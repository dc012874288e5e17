//! Whole trees: how long they take, and what is left behind by what did not succeed.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::support::content;
use crate::tree::{bench, request, root, send, with};

#[tokio::test(start_paused = true)]
async fn folders_are_entered_several_at_once_and_each_once() {
    let bench = bench(&json!({}));
    for number in 0..60 {
        let folder = root(&bench).join(format!("{number}/inner"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.txt"), content(9)).unwrap();
    }
    bench.script(json!([{ "on": { "times": 0 }, "do": { "stallMillis": 100 } }]));
    let started = Instant::now();
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!(ran.count("uploaded"), 60, "{:#?}", ran.rows);
    // One after another, folders alone would take 12 s. Four at once, and eight files with two requests each: 3 s.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let service = bench.transport.service();
    let asked = |end| service.requests().iter().filter(|asked| asked.target.ends_with(end)).count();
    assert_eq!(asked("/children"), 2 + 1 + 120, "the destination, the tree, and each folder once");
}

#[tokio::test(start_paused = true)]
async fn a_small_file_that_fails_leaves_no_session_that_would_hold_its_name() {
    let bench = bench(&json!({}));
    std::fs::create_dir_all(root(&bench)).unwrap();
    std::fs::write(root(&bench).join("a.txt"), content(9)).unwrap();
    let refused = json!({ "answer": { "status": 403, "code": "accessDenied" } });
    bench.script(json!([{ "on": { "route": "put", "times": 1 }, "do": refused }]));
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!(ran.count("failed"), 1, "{:#?}", ran.rows);
    let ended = bench.transport.service().requests().iter().filter(|asked| asked.method == "DELETE").count();
    assert_eq!(ended, 1);
    // Another machine, which knows nothing of it, need not wait.
    let other = crate::support::client(&bench.transport, &bench.folder.path().join("other"));
    let started = Instant::now();
    let ran = send(&other, &with(request(bench.folder.path()), &json!({ "throttleLimit": 1 }))).await;
    assert_eq!(ran.count("uploaded"), 1, "{:#?}", ran.rows);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_large_file_that_fails_leaves_what_a_later_run_goes_on_with() {
    let bench = bench(&json!({}));
    std::fs::create_dir_all(root(&bench)).unwrap();
    std::fs::write(root(&bench).join("a.bin"), content(11 << 20)).unwrap();
    let refused = json!({ "answer": { "status": 403, "code": "accessDenied" } });
    bench.script(json!([{ "on": { "route": "put", "part": "last" }, "do": refused }]));
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!((ran.count("failed"), bench.on_record().len()), (1, 1), "{:#?}", ran.rows);
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!((ran.count("uploaded"), bench.on_record().len()), (1, 0), "{:#?}", ran.rows);
    let service = bench.transport.service();
    let sent: u64 = service.requests().iter().map(|asked| asked.body_bytes).sum();
    assert!(sent < 15 << 20, "{sent} bytes: what had arrived was not sent again");
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_that_stays_the_same_is_an_answer() {
    let bench = bench(&json!({}));
    std::fs::create_dir_all(root(&bench)).unwrap();
    std::fs::write(root(&bench).join("a.docx"), content(9)).unwrap();
    let error = json!({ "error": { "code": "generalException", "message": "Column validation failed" } });
    let refused = json!({ "answer": { "status": 500, "body": error.to_string() } });
    bench.script(json!([{ "on": { "route": "create", "times": 0 }, "do": refused }]));
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!(ran.reason("Archive/2026/Reports/a.docx"), "failed requiredColumn", "{:#?}", ran.rows);
    let service = bench.transport.service();
    let asked =
        service.requests().iter().filter(|asked| asked.target.contains("createUploadSession")).count();
    assert_eq!(asked, 3);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_file_out_is_told_in_a_word() {
    let bench = bench(&json!({}));
    std::fs::create_dir_all(root(&bench)).unwrap();
    std::fs::write(root(&bench).join("a.txt"), content(9)).unwrap();
    let refused = json!({ "answer": { "status": 423, "code": "notAllowed", "inner": "resourceLocked" } });
    bench.script(json!([{ "on": { "route": "create", "times": 1 }, "do": refused }]));
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    assert_eq!(ran.reason("Archive/2026/Reports/a.txt"), "failed locked", "{:#?}", ran.rows);
    assert_eq!(ran.rows[0]["error"]["reason"], "locked");
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_gets_its_time_where_that_is_asked_for() {
    for (wish, corrected) in [(json!({}), 0), (json!({ "preserveTime": true }), 1)] {
        let bench = bench(&json!({}));
        std::fs::create_dir_all(root(&bench)).unwrap();
        let file = root(&bench).join("a.txt");
        std::fs::write(&file, b"").unwrap();
        let then = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        std::fs::File::options().append(true).open(&file).unwrap().set_modified(then).unwrap();
        let ran = send(&bench.client, &with(request(bench.folder.path()), &wish)).await;
        assert_eq!(ran.count("uploaded"), 1, "{:#?}", ran.rows);
        let service = bench.transport.service();
        let patches: Vec<_> = service.requests().iter().filter(|asked| asked.method == "PATCH").collect();
        assert_eq!(patches.len(), corrected);
        for patch in patches {
            assert!(patch.body.as_deref().unwrap().contains("2020-09-13T12:26:40Z"), "{:?}", patch.body);
        }
    }
}
