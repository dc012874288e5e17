//! Going on after the process has ended: from the journal, at the service's position, with the file that it was.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, client, content, sha256};
use graph_standin::Config;
use mg_upload::{FRAGMENT_UNIT, Family, Integrity, Kind, UploadOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 8 * FRAGMENT_UNIT + 3;

/// Uploads until `millis` of simulated time have passed, then drops everything, as a killed process does.
async fn kill_after(bench: &mut Bench, millis: u64) {
    let path = bench.file("a.bin", SIZE);
    let session = bench.session(Family::Drive, SIZE).await;
    tokio::select! {
        biased;
        result = bench.upload(session, &path, FRAGMENT_UNIT) => panic!("it ended before: {result:?}"),
        () = tokio::time::sleep(Duration::from_millis(millis)) => {}
    }
    bench.restart();
    // A process that is killed takes its open files along; here a thread closes them, a moment later.
    while cfg!(windows) && std::fs::File::options().write(true).open(&path).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_goes_on_where_the_service_is() {
    let mut bench = Bench::new(Config::default());
    kill_after(&mut bench, 4).await;
    let ids = bench.on_record();
    assert_eq!(ids.len(), 1);
    bench.transport.service().forget_requests();
    let uploaded = bench.resume(&ids[0]).await.unwrap();
    assert_eq!(uploaded.integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    assert!(bench.on_record().is_empty());
    assert_eq!(bench.violations(), [""; 0]);
    let sent: u64 = bench.transport.service().requests().iter().map(|request| request.body_bytes).sum();
    assert!(sent < SIZE, "{sent} bytes were sent again");
}

#[tokio::test(start_paused = true)]
async fn another_file_is_not_sent_into_the_session() {
    for (change, forced) in [("content", false), ("length", false), ("time", false), ("time", true)] {
        let mut bench = Bench::new(Config::default());
        kill_after(&mut bench, 4).await;
        let path = bench.folder.path().join("a.bin");
        match change {
            "content" => {
                let mut other = content(SIZE);
                other[0] ^= 1;
                std::fs::write(&path, other).unwrap();
            }
            "length" => std::fs::write(&path, content(SIZE + 1)).unwrap(),
            _ => {
                let file = std::fs::File::options().write(true).open(&path).unwrap();
                file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
            }
        }
        let id = bench.on_record().remove(0);
        let progress = std::sync::Arc::default();
        let cancel = tokio_util::sync::CancellationToken::new();
        let result = bench
            .client
            .resume(&id, UploadOptions { force: forced, ..UploadOptions::default() }, progress, &cancel)
            .await;
        if forced {
            assert_eq!(result.unwrap().integrity, Integrity::Verified);
            continue;
        }
        assert_eq!(result.unwrap_err().kind(), Kind::SourceChanged, "{change}");
        assert_eq!(bench.on_record(), [id], "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_machine_has_fed_is_refused_however_often_it_is_tried() {
    for (family, journal) in
        [(Family::Drive, true), (Family::Drive, false), (Family::Outlook, true), (Family::Todo, false)]
    {
        let size = 20 * FRAGMENT_UNIT + 3;
        let mut bench = Bench::new(Config::default());
        let session = bench.session(family, size).await;
        bench.script(json!([{ "on": { "route": "put", "nth": 2 }, "do": { "answer": { "status": 403 } } }]));
        bench.upload(session.clone(), &bench.file("a.bin", size), FRAGMENT_UNIT).await.unwrap_err();
        let other = bench.folder.path().join("b.bin");
        let mut bytes = content(size);
        bytes[0] ^= 1;
        std::fs::write(&other, bytes).unwrap();
        // As on another machine: nothing is known of it here.
        let state = bench.folder.path().join("elsewhere");
        if journal {
            std::fs::create_dir_all(&state).unwrap();
        } else {
            std::fs::write(&state, "").unwrap();
        }
        bench.client = client(&bench.transport, &state).at_the_time_of(&bench.client);
        for _ in 0..3 {
            let error = bench.upload(session.clone(), &other, FRAGMENT_UNIT).await.unwrap_err();
            assert_eq!(error.kind(), Kind::RangeRejected, "{family:?} {error}");
            if journal {
                let error = bench.resume(&bench.on_record()[0]).await.unwrap_err();
                assert_eq!(error.kind(), Kind::RangeRejected, "{family:?} {error}");
                bench.client = client(&bench.transport, &state).at_the_time_of(&bench.client);
            }
        }
        assert_eq!(bench.transport.service().sessions()[0].position, FRAGMENT_UNIT, "{family:?}");
        assert!(bench.sha256_of_stored().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ended_meanwhile_is_told_apart() {
    // Finished, but the answer was lost with the process.
    let mut bench = Bench::new(Config::default());
    bench.script(json!([{"on": {"route": "put", "part": "last"}, "do": {"stallMillis": 60_000}}]));
    kill_after(&mut bench, 1000).await;
    assert_eq!(bench.sha256_of_stored().len(), 1);
    let id = bench.on_record().remove(0);
    assert_eq!(bench.resume(&id).await.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored().len(), 1);
    assert!(bench.on_record().is_empty());

    // Expired: a new session is made from what made the old one.
    let mut bench = Bench::new(Config::default());
    kill_after(&mut bench, 4).await;
    bench.transport.service().advance(16 * 60 * 1000);
    let id = bench.on_record().remove(0);
    assert_eq!(bench.resume(&id).await.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    assert!(bench.on_record().is_empty());
}

#[tokio::test(start_paused = true)]
async fn abandoning_cancels_at_the_service_and_forgets() {
    let mut bench = Bench::new(Config::default());
    kill_after(&mut bench, 4).await;
    let id = bench.on_record().remove(0);
    let progress = mg_upload::Progress::default();
    let session = bench.session_on_record(&id).await.unwrap();
    assert!(bench.client.cancel_session(&session, &progress).await.unwrap());
    assert!(bench.transport.service().sessions().is_empty());
    assert!(bench.on_record().is_empty());
    assert_eq!(bench.session_on_record(&id).await.unwrap_err().kind(), Kind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_being_fed_is_not_fed_twice() {
    let bench = Bench::new(Config::default());
    let path = bench.file("a.bin", SIZE);
    let session = bench.session(Family::Drive, SIZE).await;
    let first = bench.upload(session.clone(), &path, FRAGMENT_UNIT);
    let second = async {
        tokio::time::sleep(Duration::from_millis(3)).await;
        bench.upload(session.clone(), &path, FRAGMENT_UNIT).await
    };
    let (first, second) = tokio::join!(first, second);
    first.unwrap();
    assert_eq!(second.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_deferred_commit_waits_for_its_word() {
    for (kind, conflict) in
        [("business", None), ("personal", None), ("business", Some(mg_upload::ConflictBehavior::Rename))]
    {
        let bench = Bench::with_config(&json!({"drive": {"kind": kind}}));
        let path = bench.file("a.bin", SIZE);
        let mut request = crate::support::create_request(Family::Drive, SIZE);
        let body =
            r#"{"deferCommit":true,"item":{"@microsoft.graph.conflictBehavior":"replace","name":"a.bin"}}"#;
        request.body = serde_json::value::RawValue::from_string(body.into()).unwrap();
        let session = crate::support::session_for(&bench.client, &request).await.unwrap();
        let options = UploadOptions { defer_commit: true, ..UploadOptions::default() };
        let (progress, cancel) = (std::sync::Arc::default(), tokio_util::sync::CancellationToken::new());
        let uploaded = bench.client.upload(session, &path, options, progress, &cancel).await.unwrap();
        assert!(!uploaded.committed && uploaded.item.is_none());
        assert!(bench.sha256_of_stored().is_empty());
        let id = bench.on_record().remove(0);
        let session = bench.session_on_record(&id).await.unwrap();
        let item =
            bench.client.commit_session(&session, conflict, &mg_upload::Progress::default()).await.unwrap();
        assert!(item.contains_key("id"));
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))], "{kind} {conflict:?}");
        assert!(bench.on_record().is_empty());
        assert_eq!(bench.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_at_the_commit_can_be_resolved_afterwards() {
    let bench =
        Bench::with_config(&json!({"drive": {"kind": "personal", "items": [{"path": "/a.bin", "size": 4}]}}));
    let path = bench.file("a.bin", SIZE);
    let mut request = crate::support::create_request(Family::Drive, SIZE);
    let body = r#"{"item":{"@microsoft.graph.conflictBehavior":"fail","name":"a.bin"}}"#;
    request.body = serde_json::value::RawValue::from_string(body.into()).unwrap();
    let session = crate::support::session_for(&bench.client, &request).await.unwrap();
    let error = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    let id = bench.on_record().remove(0);
    let session = bench.session_on_record(&id).await.unwrap();
    let conflict = Some(mg_upload::ConflictBehavior::Rename);
    let item =
        bench.client.commit_session(&session, conflict, &mg_upload::Progress::default()).await.unwrap();
    assert_eq!(item["name"], "a 1.bin");
}

#[tokio::test(start_paused = true)]
async fn a_deferred_session_is_committed_at_the_end_unless_the_caller_defers_too() {
    for kind in ["business", "personal"] {
        let bench = Bench::with_config(&json!({"drive": {"kind": kind}}));
        let path = bench.file("a.bin", SIZE);
        let request = crate::support::deferred();
        let session = crate::support::session_for(&bench.client, &request).await.unwrap();
        let uploaded = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap();
        assert!(uploaded.committed);
        assert_eq!(uploaded.integrity, Integrity::Verified);
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))], "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_copy_of_the_same_bytes_goes_on() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let full = json!({"answer": {"status": 507, "code": "quotaLimitReached"}});
    bench.script(json!([{"on": {"route": "put", "nth": 3}, "do": full}]));
    let send = async |path: &Path| {
        let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), is_copy: true, ..UploadOptions::default() };
        let cancel = CancellationToken::new();
        bench.client.upload(session.clone(), path, options, Arc::default(), &cancel).await
    };
    let first = bench.file("copy-1", SIZE);
    assert_eq!(send(&first).await.unwrap_err().kind(), Kind::QuotaExceeded);
    std::fs::remove_file(&first).unwrap();

    let on_record = bench.client.journal().unwrap().find(&bench.on_record()[0]).unwrap();
    assert_eq!((on_record.position, on_record.end_begun), (2 * FRAGMENT_UNIT, false));
    let error = bench.resume(&bench.on_record()[0]).await.unwrap_err();
    assert!(error.to_string().contains("send the same bytes"), "{error}");
    let other = bench.file("copy-2", SIZE);
    let mut bytes = content(SIZE);
    bytes[700_000] ^= 1;
    std::fs::write(&other, bytes).unwrap();
    assert_eq!(send(&other).await.unwrap_err().kind(), Kind::SourceChanged);
    let again = send(&bench.file("copy-3", SIZE)).await.unwrap();
    assert_eq!(again.integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    assert!(bench.on_record().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_could_not_be_fed_is_not_lost() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let path = bench.folder.path().join("a.bin");
    assert_eq!(bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap_err().kind(), Kind::SourceMissing);
    let id = bench.on_record().remove(0);
    bench.file("a.bin", SIZE);
    bench.resume(&id).await.unwrap();
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    assert!(bench.on_record().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_fails_tells_what_is_left_open() {
    let fault = |nth, answer| json!({"on": {"route": "put", "nth": nth}, "do": {"answer": answer}});
    let gone = fault(2, json!({"status": 401, "code": "unauthenticated", "inner": "expiredToken"}));
    let full = fault(3, json!({"status": 507, "code": "quotaLimitReached"}));
    for (faults, kind, same) in [
        (json!([]), None, true),
        (json!([full]), Some(Kind::QuotaExceeded), true),
        // What can be gone on with is not the session that was lost, but the one made in its place.
        (json!([gone, full]), Some(Kind::QuotaExceeded), false),
    ] {
        let bench = Bench::new(Config::default());
        bench.script(faults);
        let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
        let first = mg_upload::journal::id_of(session.upload_url.expose());
        let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..UploadOptions::default() };
        let cancel = CancellationToken::new();
        let result = bench.client.upload(session, &file, options, Arc::default(), &cancel).await;
        let failure = result.err();
        assert_eq!(failure.as_ref().map(|failure| failure.kind()), kind);
        let open = failure.and_then(|failure| failure.open);
        assert_eq!(open.as_ref(), bench.on_record().first());
        if let Some(open) = open {
            assert_eq!(open == first, same);
            bench.resume(&open).await.unwrap();
        }
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    }
}
