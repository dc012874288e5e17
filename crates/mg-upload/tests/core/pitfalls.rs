//! What other clients, and this one before a review, got wrong: a foreign file taken for ours, a service hammered, a
//! record that never goes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, content, create_request, deferred, session_for, sha256};
use futures_util::future::join_all;
use graph_standin::Config;
use mg_upload::{CreateRequest, FRAGMENT_UNIT, Family, Integrity, Kind, Progress, UploadOptions};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 8 * FRAGMENT_UNIT + 3;
const LIFE_OF_A_BUSINESS_SESSION: u64 = 16 * 60 * 1000;

fn named(family: Family, size: u64, name: &str) -> CreateRequest {
    let mut request = create_request(family, size);
    request.body = RawValue::from_string(request.body.get().replace("a.bin", name)).unwrap();
    request
}

/// Begins an upload and kills it after 4 simulated milliseconds, a few fragments in; the record's id.
async fn kill(bench: &mut Bench, request: &CreateRequest, path: &Path, chunk: u64) -> String {
    let session = session_for(&bench.client, request).await.unwrap();
    tokio::select! {
        biased;
        result = bench.upload(session, path, chunk) => panic!("it ended before: {result:?}"),
        () = tokio::time::sleep(Duration::from_millis(4)) => {}
    }
    bench.restart();
    bench.on_record().remove(0)
}

#[tokio::test(start_paused = true)]
async fn an_earlier_or_foreign_version_is_not_taken_for_the_upload() {
    for (name, hashes, earlier) in
        [("a.docx", "present", 100_000), ("a.docx", "present", SIZE - 9), ("a.bin", "absent", SIZE)]
    {
        let mut bench = Bench::with_config(&json!({"drive": {"hashes": hashes}}));
        let request = named(Family::Drive, SIZE, name);
        let before = bench.file("before", earlier);
        let mut other = content(earlier);
        other[50_000] ^= 1;
        std::fs::write(&before, other).unwrap();
        let session = session_for(&bench.client, &request).await.unwrap();
        bench.upload(session, &before, FRAGMENT_UNIT).await.unwrap();
        tokio::time::sleep(Duration::from_secs(120)).await;
        let ours = bench.file(name, SIZE);
        let id = kill(&mut bench, &request, &ours, FRAGMENT_UNIT).await;
        bench.transport.service().advance(LIFE_OF_A_BUSINESS_SESSION);
        let uploaded = bench.resume(&id).await.unwrap();
        assert!(bench.sha256_of_stored().contains(&sha256(&content(SIZE))), "{name}: {uploaded:?}");
        assert!(uploaded.warnings.iter().any(|text| text.contains("began again")), "{:?}", uploaded.warnings);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attachment_with_a_similar_name_is_not_taken_for_the_upload() {
    let mut bench = Bench::new(Config::default());
    let size = (3 << 20) + 7;
    let (ours, other) = (bench.file("scan.pdf", size), bench.file("scan2.pdf", size + 11));
    let id = kill(&mut bench, &named(Family::Outlook, size, "scan.pdf"), &ours, 1_000_000).await;
    let session = session_for(&bench.client, &named(Family::Outlook, size + 11, "scan2.pdf")).await.unwrap();
    bench.upload(session, &other, 1_000_000).await.unwrap();
    bench.transport.service().advance(25 * 3600 * 1000);
    bench.resume(&id).await.unwrap();
    assert!(bench.sha256_of_stored().contains(&sha256(&content(size))));
}

#[tokio::test(start_paused = true)]
async fn endless_throttling_is_met_with_ever_longer_pauses() {
    for rules in [
        json!([{"on": {"route": "put", "times": 0}, "do": {"answer": {"status": 429}}}]),
        json!([
            {"on": {"route": "put"}, "do": {"reset": "before"}},
            {"on": {"route": "status", "times": 0}, "do": {"answer": {"status": 429}}},
        ]),
    ] {
        let bench = Bench::new(Config::default());
        let path = bench.file("a.bin", 1000);
        let session = bench.session(Family::Drive, 1000).await;
        bench.transport.service().forget_requests();
        bench.script(rules);
        bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap_err();
        let requests = bench.transport.service().requests().len();
        assert!((60..250).contains(&requests), "{requests} requests in an hour");
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_used_up_holds_nobody_longer_than_its_window() {
    let bench = Bench::new(Config::default());
    let mut uploads = Vec::new();
    for n in 0..30 {
        let name = format!("{n}.bin");
        let session = session_for(&bench.client, &named(Family::Drive, 0, &name)).await.unwrap();
        uploads.push((session, bench.file(&name, 2 * FRAGMENT_UNIT)));
    }
    let headers = json!({"RateLimit-Remaining": "1", "RateLimit-Reset": "60"});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": {"headers": headers}}]));
    let (started, bench) = (Instant::now(), &bench);
    let upload = |(session, file): (_, std::path::PathBuf)| async move {
        bench.upload(session, &file, FRAGMENT_UNIT).await
    };
    for result in join_all(uploads.into_iter().map(upload)).await {
        result.unwrap();
    }
    assert!((60..62).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_wait_budget_holds_for_questions_too() {
    let bench = Bench::new(Config::default());
    let mut uploads = Vec::new();
    for name in ["0.bin", "1.bin"] {
        let session = session_for(&bench.client, &named(Family::Drive, 0, name)).await.unwrap();
        uploads.push((session, bench.file(name, 4 * FRAGMENT_UNIT)));
    }
    bench.script(json!([
        {"on": {"route": "put", "nth": 1}, "do": {"reset": "after-store"}},
        {"on": {"route": "put", "nth": 1}, "do": {"answer": {"status": 503, "headers": {"Retry-After": "40000"}}}},
    ]));
    let wait_budget = Duration::from_secs(60);
    let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), wait_budget, ..UploadOptions::default() };
    let (started, cancel, bench) = (Instant::now(), &CancellationToken::new(), &bench);
    let upload = |(session, file): (_, std::path::PathBuf)| async move {
        bench.client.upload(session, &file, options, Arc::default(), cancel).await
    };
    for result in join_all(uploads.into_iter().map(upload)).await {
        result.unwrap_err();
    }
    assert!(started.elapsed() < Duration::from_secs(61), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_gone_can_be_removed_and_leaves_no_record() {
    let code = |status: u16, inner: &str| json!({"answer": {"status": status, "code": "x", "inner": inner}});
    for gone in [
        code(401, "expiredToken"),
        code(404, "itemNotFound"),
        json!({"answer": {"status": 400, "code": "invalidRequest", "message": "Upload session not found"}}),
    ] {
        let mut bench = Bench::new(Config::default());
        let path = bench.file("a.bin", SIZE);
        let id = kill(&mut bench, &create_request(Family::Drive, SIZE), &path, FRAGMENT_UNIT).await;
        bench.script(json!([{"on": {"route": "cancel"}, "do": gone}]));
        let session = bench.session_on_record(&id).await.unwrap();
        assert!(!bench.client.cancel_session(&session, &Progress::default()).await.unwrap(), "{gone}");
        assert_eq!(bench.on_record(), [""; 0], "{gone}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_url_has_run_out_begins_again_and_leaves_no_record() {
    let mut bench = Bench::with_config(&json!({"drive": {"sessionLife": "fixed24h"}}));
    let path = bench.file("a.bin", SIZE);
    let id = kill(&mut bench, &create_request(Family::Drive, SIZE), &path, FRAGMENT_UNIT).await;
    bench.transport.service().advance(25 * 3600 * 1000);
    assert_eq!(bench.resume(&id).await.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.on_record(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn bytes_from_elsewhere_are_not_mixed_with_ours() {
    for (family, size, chunk) in
        [(Family::Drive, SIZE, FRAGMENT_UNIT), (Family::Outlook, (3 << 20) + 7, 900_000)]
    {
        let bench = Bench::new(Config::default());
        let other = bench.file("other", size);
        std::fs::write(&other, vec![7; usize::try_from(size).unwrap()]).unwrap();
        let session = bench.session(family, size).await;
        let elsewhere = tempfile::tempdir().unwrap();
        let foreign = crate::support::client(&bench.transport, elsewhere.path());
        let options = UploadOptions { chunk: Some(chunk), ..UploadOptions::default() };
        let cancel = CancellationToken::new();
        tokio::select! {
            biased;
            _ = foreign.upload(session.clone(), &other, options, Arc::default(), &cancel) => panic!("it ended before"),
            () = tokio::time::sleep(Duration::from_millis(3)) => {}
        }
        let error = bench.upload(session, &bench.file("a.bin", size), chunk).await.unwrap_err();
        assert_eq!(error.kind(), Kind::RangeRejected, "{error}");
        assert_eq!(bench.sha256_of_stored(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_with_an_unreadable_record_is_left_alone() {
    let bench = Bench::new(Config::default());
    let path = bench.file("a.bin", SIZE);
    let session = bench.session(Family::Drive, SIZE).await;
    let id = mg_upload::journal::id_of(session.upload_url.expose());
    let folder = bench.folder.path().join("sessions");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{id}.json")), "").unwrap();
    bench.transport.service().forget_requests();
    let error = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
    assert!(bench.transport.service().requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_of_ranges_in_the_middle_is_no_end() {
    let bench = Bench::new(Config::default());
    let path = bench.file("a.bin", SIZE);
    let session = session_for(&bench.client, &deferred()).await.unwrap();
    let none = json!({"answer": {"status": 202, "body": {"nextExpectedRanges": []}}, "stored": true});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": none}]));
    bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap();
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
}

/// Personal has told `0-` and refused every fragment after the answer to the last one was lost.
#[tokio::test(start_paused = true)]
async fn a_position_from_the_start_after_a_lost_last_answer_is_looked_into() {
    let bench = Bench::with_config(&json!({"drive": {"kind": "personal"}}));
    let path = bench.file("a.bin", SIZE);
    let session = bench.session(Family::Drive, SIZE).await;
    let start = json!({"answer": {"status": 200, "body": {"nextExpectedRanges": ["0-"]}}});
    bench.script(json!([
        {"on": {"route": "put", "part": "last"}, "do": {"reset": "after-store"}},
        {"on": {"route": "status", "times": 0}, "do": start},
        {"on": {"route": "put", "part": "first", "nth": 2, "times": 0}, "do": {"answer": {"status": 416, "code": "invalidRange"}}},
    ]));
    assert_eq!(bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_outlasts_the_session_is_told() {
    let bench = Bench::new(Config::default());
    let path = bench.file("a.bin", 2 * FRAGMENT_UNIT);
    let session = bench.session(Family::Drive, 2 * FRAGMENT_UNIT).await;
    let throttled = json!({"answer": {"status": 429, "headers": {"Retry-After": "3000"}}});
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": throttled}]));
    let uploaded = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap();
    assert!(uploaded.warnings.iter().any(|text| text.contains("3000 s")), "{:?}", uploaded.warnings);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_has_found_in_a_file_is_told() {
    for (malware, told) in [(json!({"description": "EICAR"}), true), (json!(null), false)] {
        let bench = Bench::new(Config::default());
        let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
        let item = json!({"id": "i", "name": "a.bin", "size": SIZE, "malware": malware}).to_string();
        let answer = json!({"answer": {"status": 201, "body": item}, "stored": true});
        bench.script(json!([{"on": {"route": "put", "part": "last"}, "do": answer}]));
        let uploaded = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(
            uploaded.warnings.iter().any(|text| text.contains("malware")),
            told,
            "{:?}",
            uploaded.warnings
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_was_lost_is_found_at_the_destination() {
    for conflict in [None, Some(mg_upload::ConflictBehavior::Replace)] {
        let bench = Bench::new(Config::default());
        let path = bench.file("a.bin", SIZE);
        let session = session_for(&bench.client, &deferred()).await.unwrap();
        let options = UploadOptions { defer_commit: true, ..UploadOptions::default() };
        let cancel = CancellationToken::new();
        bench.client.upload(session, &path, options, Arc::default(), &cancel).await.unwrap();
        let id = bench.on_record().remove(0);
        bench.script(json!([{"on": {"route": "commit", "times": 1}, "do": {"reset": "after-store"}}]));
        let session = bench.session_on_record(&id).await.unwrap();
        let item = bench.client.commit_session(&session, conflict, &Progress::default()).await.unwrap();
        assert_eq!(item["size"], SIZE, "{conflict:?}");
        assert_eq!(bench.on_record(), [""; 0], "{conflict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_cancelled_in_a_pause_waits_no_more() {
    let bench = Bench::new(Config::default());
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    bench.script(json!([{"on": {"route": "put"}, "do": {"answer": {"status": 503, "headers": {"Retry-After": "20"}}}}]));
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    let impatient = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(progress.snapshot().pause.unwrap().after.as_secs(), 15, "what is left");
        cancel.cancel();
    };
    let upload =
        bench.client.upload(session, &path, UploadOptions::default(), Arc::clone(&progress), &cancel);
    let error = tokio::join!(upload, impatient).0.unwrap_err();
    assert_eq!((error.kind(), progress.snapshot().pause), (Kind::Cancelled, None));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_an_upload_gave_up_at_is_kept_by_the_next_process() {
    let mut bench = Bench::new(Config::default());
    let path = bench.file("a.bin", SIZE);
    let session = bench.session(Family::Drive, SIZE).await;
    let busy = json!({"answer": {"status": 500, "headers": {"Retry-After": "20"}}});
    bench.script(json!([{"on": {"route": "put", "times": 1}, "do": busy}]));
    let options = UploadOptions { max_attempts: 1, ..UploadOptions::default() };
    let cancel = CancellationToken::new();
    bench.client.upload(session, &path, options, Arc::default(), &cancel).await.unwrap_err();
    bench.restart();
    let id = bench.on_record().remove(0);
    bench.resume(&id).await.unwrap();
    assert_eq!(bench.violations(), [""; 0]);
}
