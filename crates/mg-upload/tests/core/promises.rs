//! Promises of the engine that no fault of the catalogue puts to the test alone.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, content, create_request, deferred, session_for, sha256};
use graph_standin::Config;
use mg_upload::{
    CreateRequest, Error, FRAGMENT_UNIT, Family, Integrity, Kind, Progress, Session, UploadOptions, Uploaded,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 4 * FRAGMENT_UNIT + 3;

fn with_header(family: Family, name: &str, value: &str) -> CreateRequest {
    let mut request = create_request(family, SIZE);
    request.headers.push((name.into(), value.into()));
    request
}

async fn upload(
    bench: &Bench,
    session: Session,
    size: u64,
    options: UploadOptions,
) -> Result<Uploaded, Error> {
    let path = bench.file("a.bin", size);
    let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..options };
    let cancel = CancellationToken::new();
    let result = bench.client.upload(session, &path, options, Arc::default(), &cancel).await;
    result.map_err(|failure| failure.error)
}

fn puts(bench: &Bench) -> usize {
    bench.transport.service().requests().iter().filter(|request| request.method == "PUT").count()
}

#[tokio::test(start_paused = true)]
async fn being_told_to_wait_is_no_failed_attempt() {
    for family in [Family::Drive, Family::Print] {
        let bench = Bench::new(Config::default());
        let throttled = json!({"answer": {"status": 429, "headers": {"Retry-After": "1"}}});
        let session = bench.session(family, SIZE).await;
        // The one that follows is the first of two that may fail.
        bench.script(json!([
            {"on": {"route": "put", "part": "first", "times": 5}, "do": throttled},
            {"on": {"route": "put", "part": "first"}, "do": {"answer": {"status": 503}}},
        ]));
        let options = UploadOptions { max_attempts: 2, ..UploadOptions::default() };
        upload(&bench, session, SIZE, options).await.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))], "{family:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_begin_anew_once_bytes_are_taken() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let throttled = json!({"answer": {"status": 429}});
    bench.script(json!([
        {"on": {"route": "put", "part": "first", "times": 6}, "do": throttled},
        {"on": {"route": "put", "part": "last"}, "do": throttled},
    ]));
    upload(&bench, session, SIZE, UploadOptions::default()).await.unwrap();
    let service = bench.transport.service();
    let last: Vec<_> =
        service.requests().iter().filter(|request| request.method == "PUT").rev().take(2).collect();
    assert!(last[0].at - last[1].at <= 1_100, "{} ms", last[0].at - last[1].at);
}

#[tokio::test(start_paused = true)]
async fn a_position_that_does_not_move_is_given_up_at_after_the_attempts() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let stuck = json!({"answer": {"status": 202, "body": {"nextExpectedRanges": ["0-"]}}});
    bench.script(json!([{"on": {"route": "put", "times": 0}, "do": stuck}]));
    let started = Instant::now();
    let options = UploadOptions { max_attempts: 5, ..UploadOptions::default() };
    let error = upload(&bench, session, SIZE, options).await.unwrap_err();
    assert_eq!((error.kind(), puts(&bench)), (Kind::UnexpectedAnswer, 5), "{error}");
    assert!((1..=15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_new_session_has_all_its_attempts() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let (failed, gone) =
        (json!({"answer": {"status": 500}}), json!({"answer": {"status": 404, "code": "itemNotFound"}}));
    bench.script(json!([
        {"on": {"route": "put", "nth": 2, "times": 2}, "do": failed},
        {"on": {"route": "status", "nth": 2}, "do": gone},
        {"on": {"route": "put", "nth": 4, "times": 2}, "do": failed},
    ]));
    let options = UploadOptions { max_attempts: 3, ..UploadOptions::default() };
    let uploaded = upload(&bench, session, SIZE, options).await.unwrap();
    assert!(
        uploaded.warnings.iter().any(|warning| warning.contains("began again")),
        "{:?}",
        uploaded.warnings
    );
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
}

/// A redirect, the bytes taken so far and how the last one ended are the old session's.
#[tokio::test(start_paused = true)]
async fn nothing_of_the_old_session_is_left_in_the_new_one() {
    for (before, part) in [
        (json!({"redirect": 307, "to": "https://upload.test/nowhere"}), "first"),
        (json!({"reset": "body", "afterBytes": 70_000}), "last"),
        (json!({"answer": {"status": 500}}), "last"),
    ] {
        let bench = Bench::new(Config::default());
        let session = bench.session(Family::Drive, SIZE).await;
        let gone = json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}});
        bench.script(json!([
            {"on": {"route": "put", "part": part}, "do": before},
            {"on": {"route": "status", "times": 1}, "do": gone},
            {"on": {"route": "any", "listener": "upload", "method": "PUT", "nth": if part == "first" { 2 } else { 99 }}, "do": gone},
        ]));
        let uploaded = upload(&bench, session, SIZE, UploadOptions::default()).await.unwrap();
        assert_eq!(uploaded.integrity, Integrity::Verified, "{before}");
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))], "{before}");
        assert_eq!(bench.violations(), [""; 0], "{before}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_could_not_be_cancelled_stays_on_record() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let old = mg_upload::journal::id_of(session.upload_url.expose());
    let gone = json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}});
    bench.script(json!([
        {"on": {"route": "put", "nth": 2}, "do": gone},
        {"on": {"route": "cancel", "times": 0}, "do": {"answer": {"status": 500}}},
    ]));
    let uploaded = upload(&bench, session, SIZE, UploadOptions::default()).await.unwrap();
    assert!(
        uploaded.warnings.iter().any(|warning| warning.contains("could not be cancelled")),
        "{:?}",
        uploaded.warnings
    );
    assert_eq!(bench.on_record(), [old]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_keeps_the_callers_conditions() {
    let bench = Bench::new(Config::default());
    let mut session = bench.session(Family::Drive, 0).await;
    session.origin = Some(with_header(Family::Drive, "If-Match", "\"e\""));
    bench.transport.service().forget_requests();
    let _ = upload(&bench, session, 0, UploadOptions::default()).await;
    let service = bench.transport.service();
    let put = service.requests().iter().find(|request| request.target.contains("/content")).unwrap();
    let header = |wanted: &str| put.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    assert_eq!(header("if-match").map(|(_, value)| value.as_str()), Some("\"e\""));
    assert_eq!(header("content-length").map(|(_, value)| value.as_str()), Some("0"));
    assert!(put.target.ends_with("?@microsoft.graph.conflictBehavior=replace"), "{}", put.target);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_was_done_before_is_found() {
    let bench = Bench::new(Config::default());
    let session = session_for(&bench.client, &deferred()).await.unwrap();
    let options = UploadOptions { defer_commit: true, ..UploadOptions::default() };
    upload(&bench, session.clone(), SIZE, options).await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let another = crate::support::client(&bench.transport, elsewhere.path());
    another.commit_session(&session, None, &Progress::default()).await.unwrap();
    let item = bench.client.commit_session(&session, None, &Progress::default()).await.unwrap();
    assert_eq!(item["size"], SIZE);
    assert_eq!(bench.on_record(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn exactly_the_largest_and_the_smallest_size_are_taken() {
    for (family, size, chunk) in
        [(Family::Todo, 25 << 20, 3_900_000), (Family::Outlook, 3_000_000, 3_000_000), (Family::Print, 1, 1)]
    {
        let bench = Bench::new(Config::default());
        let path = bench.file("a.bin", size);
        let session = bench.session(family, size).await;
        bench.upload(session, &path, chunk).await.unwrap_or_else(|error| panic!("{family:?}: {error}"));
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))], "{family:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_being_fed_is_not_cancelled_and_not_committed() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let others = async {
        tokio::time::sleep(Duration::from_millis(3)).await;
        let progress = Progress::default();
        let cancelled = bench.client.cancel_session(&session, &progress).await.map(drop);
        let committed = bench.client.commit_session(&session, None, &progress).await.map(drop);
        [cancelled, committed.map_err(|failure| failure.error)]
    };
    let (uploaded, refused) =
        tokio::join!(upload(&bench, session.clone(), SIZE, UploadOptions::default()), others);
    assert_eq!(uploaded.unwrap().integrity, Integrity::Verified);
    for result in refused {
        assert!(matches!(result, Err(Error::InUse)), "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_callers_own_token_is_not_on_record() {
    let mut bench = Bench::new(Config::default());
    for name in ["Authorization", "authorization"] {
        let request = with_header(Family::Drive, name, "Bearer token");
        let mut session = session_for(&bench.client, &create_request(Family::Drive, SIZE)).await.unwrap();
        session.origin = Some(request);
        bench.script(json!([{"on": {"route": "put"}, "do": {"answer": {"status": 403}}}]));
        upload(&bench, session, SIZE, UploadOptions::default()).await.unwrap_err();
        let folder = bench.folder.path().join("sessions");
        let records = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let records: Vec<String> = records.collect();
        assert!(records.iter().any(|record| record.contains("MgUserDriveRootUploadSession")));
        assert!(records.iter().all(|record| !record.to_lowercase().contains("bearer")), "{name}");
        std::fs::remove_dir_all(&folder).unwrap();
        bench = Bench::new(Config::default());
    }
}

/// What is sent again is counted, and what the service has is not passed over or told twice.
#[tokio::test(start_paused = true)]
async fn the_counters_tell_what_was_done() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": {"answer": {"status": 500}}}]));
    let (path, progress) = (bench.file("a.bin", SIZE), Arc::new(Progress::default()));
    let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..UploadOptions::default() };
    let cancel = CancellationToken::new();
    bench.client.upload(session, &path, options, Arc::clone(&progress), &cancel).await.unwrap();
    let counters = progress.snapshot();
    assert_eq!((counters.done, counters.total, counters.sent), (SIZE, SIZE, SIZE + FRAGMENT_UNIT));
    // Five fragments, one of them twice, and a question.
    assert_eq!((counters.requests, counters.retries), (7, 1));
    assert_eq!((counters.pause.is_none(), counters.phase), (true, mg_upload::Phase::Done));
}

/// Only the destination tells a finished upload from a lost one, and only the same bytes are the file.
#[tokio::test(start_paused = true)]
async fn a_lost_last_answer_costs_no_second_copy() {
    let cases: [(Value, usize); 2] =
        [(json!({"reset": "after-store"}), 1), (json!({"answer": {"status": 504}, "stored": true}), 1)];
    for (action, files) in cases {
        let bench = Bench::new(Config::default());
        let mut request = create_request(Family::Drive, SIZE);
        let body =
            json!({"item": {"@microsoft.graph.conflictBehavior": "rename", "name": "a.bin"}}).to_string();
        request.body = RawValue::from_string(body).unwrap();
        let session = session_for(&bench.client, &request).await.unwrap();
        bench.script(json!([{"on": {"route": "put", "part": "last"}, "do": action}]));
        assert_eq!(
            upload(&bench, session, SIZE, UploadOptions::default()).await.unwrap().integrity,
            Integrity::Verified
        );
        assert_eq!(bench.transport.service().files().len(), files, "{action}");
    }
}
