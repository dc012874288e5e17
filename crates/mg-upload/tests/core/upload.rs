//! Uploads without faults, and what stops one before anything is sent.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, content, sha256};
use graph_standin::Config;
use mg_upload::{FRAGMENT_UNIT, Family, Integrity, Kind, Progress, Secret, Session, UploadOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const FAMILIES: [(Family, u64, u64); 4] = [
    (Family::Drive, 5 * FRAGMENT_UNIT + 1, 2 * FRAGMENT_UNIT),
    (Family::Outlook, (3 << 20) + 7, 1_000_000),
    (Family::Todo, 2_000_001, 700_000),
    (Family::Print, 1_500_001, 409_600),
];

#[tokio::test(start_paused = true)]
async fn every_family_arrives_whole() {
    for (family, size, chunk) in FAMILIES {
        let bench = Bench::new(Config::default());
        let file = bench.file("a.bin", size);
        let session = bench.session(family, size).await;
        let uploaded = bench.upload(session, &file, chunk).await.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))], "{family:?}");
        assert_eq!(uploaded.length, size);
        assert_eq!(uploaded.integrity == Integrity::Verified, family == Family::Drive, "{family:?}");
        assert_eq!(bench.violations(), [""; 0], "{family:?}");
        assert!(uploaded.committed && (uploaded.item.is_some() || uploaded.location.is_some()), "{family:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn sizes_around_the_fragment_arrive() {
    for size in [1, FRAGMENT_UNIT - 1, FRAGMENT_UNIT, FRAGMENT_UNIT + 1, 3 * FRAGMENT_UNIT] {
        let bench = Bench::new(Config::default());
        let file = bench.file("a.bin", size);
        let session = bench.session(Family::Drive, size).await;
        bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))], "{size}");
        assert_eq!(bench.violations(), [""; 0], "{size}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_form_of_ranges_is_understood() {
    for form in ["open", "closed", "startOnly", "absent"] {
        for casing in ["camel", "pascal"] {
            let bench = Bench::with_config(&json!({"drive": {"rangeForm": form, "casing": casing}}));
            let size = 4 * FRAGMENT_UNIT + 5;
            let file = bench.file("a.bin", size);
            let session = bench.session(Family::Drive, size).await;
            bench
                .upload(session, &file, FRAGMENT_UNIT)
                .await
                .unwrap_or_else(|e| panic!("{form} {casing}: {e}"));
            assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))], "{form} {casing}");
            assert_eq!(bench.violations(), [""; 0], "{form} {casing}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn verdicts_follow_the_reported_hash() {
    for (hashes, expected) in
        [("present", Integrity::Verified), ("hex", Integrity::Verified), ("absent", Integrity::NotReported)]
    {
        let bench = Bench::with_config(&json!({"drive": {"hashes": hashes}}));
        let file = bench.file("a.bin", 10);
        let session = bench.session(Family::Drive, 10).await;
        let uploaded = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(uploaded.integrity, expected, "{hashes}");
        assert!(uploaded.hash.is_some());
    }
    let bench = Bench::new(Config::default());
    let item = r#"{"id":"1","name":"a.bin","size":10,"file":{"hashes":{"quickXorHash":"AAAAAAAAAAAAAAAAAQAAAAAAAAA="}}}"#;
    bench.script(
        json!([{"on": {"route": "put"}, "do": {"answer": {"status": 201, "body": item}, "stored": true}}]),
    );
    let file = bench.file("a.bin", 10);
    let session = bench.session(Family::Drive, 10).await;
    assert_eq!(
        bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap_err().kind(),
        Kind::IntegrityMismatch
    );
}

#[tokio::test(start_paused = true)]
async fn a_hash_that_comes_late_is_waited_for_a_tenth_of_the_time() {
    for (hashes, stall, expected, waited) in [
        ("late", 60_000, Integrity::Verified, 3),
        ("absent", 60_000, Integrity::NotReported, 3),
        ("late", 0, Integrity::NotReported, 0),
    ] {
        let bench = Bench::with_config(&json!({"drive": {"hashes": hashes}}));
        bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": {"stallMillis": stall}}]));
        let file = bench.file("a.bin", 10);
        let session = bench.session(Family::Drive, 10).await;
        let started = tokio::time::Instant::now();
        let uploaded = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(uploaded.integrity, expected, "{hashes} {stall}");
        assert_eq!(started.elapsed().as_secs(), stall / 1000 + waited, "{hashes} {stall}");
        assert_eq!(uploaded.warnings, [""; 0]);
        assert_eq!(bench.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn who_cancels_while_only_the_hash_is_late_gets_the_file_that_is_in_place() {
    let bench = Bench::with_config(&json!({"drive": {"hashes": "absent"}}));
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": {"stallMillis": 60_000}}]));
    let file = bench.file("a.bin", 10);
    let session = bench.session(Family::Drive, 10).await;
    let cancel = CancellationToken::new();
    let impatient = async {
        tokio::time::sleep(Duration::from_secs(62)).await;
        cancel.cancel();
    };
    let started = tokio::time::Instant::now();
    let progress = Arc::new(Progress::default());
    let options = UploadOptions::default();
    let upload = bench.client.upload(session, &file, options, Arc::clone(&progress), &cancel);
    let uploaded = tokio::join!(upload, impatient).0.unwrap();
    assert!(uploaded.committed && uploaded.integrity == Integrity::NotReported);
    assert_eq!(started.elapsed().as_secs(), 62, "at once");
    let counters = progress.snapshot();
    assert_eq!((counters.pause, counters.throttled), (None, Duration::ZERO), "no pause of the service's");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_carried_is_refused_before_anything_is_sent() {
    let bench = Bench::new(Config::default());
    let session = Session::from_json(r#"{"uploadUrl":"https://upload.test/x"}"#).unwrap();
    let empty = bench.file("empty", 0);
    let small = bench.file("small", 10);
    bench.transport.service().forget_requests();
    let folder = bench.folder.path().to_owned();
    for (path, chunk, kind) in [
        (empty, FRAGMENT_UNIT, Kind::InvalidInput),
        (folder.clone(), FRAGMENT_UNIT, Kind::SourceMissing),
        (folder.join("none"), FRAGMENT_UNIT, Kind::SourceMissing),
        (small.clone(), 60 << 20, Kind::InvalidInput),
        (small.clone(), 1, Kind::InvalidInput),
    ] {
        let error = bench.upload(session.clone(), &path, chunk).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let outlook = Session::from_json(r#"{"uploadUrl":"https://upload.test/x","family":"outlook"}"#).unwrap();
    let error = bench.upload(outlook, &small, 1000).await.unwrap_err();
    assert!(error.to_string().contains("attach it directly"), "{error}");
    assert!(bench.transport.service().requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changes_under_way_is_never_committed() {
    for change in ["grow", "shrink", "touch"] {
        let bench = Bench::new(Config::default());
        let size = 6 * FRAGMENT_UNIT;
        let path = bench.file("a.bin", size);
        let session = bench.session(Family::Drive, size).await;
        let changed = path.clone();
        let changing = async {
            tokio::time::sleep(Duration::from_micros(2500)).await;
            let file = match std::fs::File::options().append(true).open(&changed) {
                Ok(file) => file,
                Err(_) if cfg!(windows) => return,
                Err(error) => panic!("{error}"),
            };
            match change {
                "grow" => file.set_len(size + 1).unwrap(),
                "shrink" => file.set_len(size - 1).unwrap(),
                _ => file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap(),
            }
        };
        let (result, ()) = tokio::join!(bench.upload(session, &path, FRAGMENT_UNIT), changing);
        // Windows lets nobody write to a file that is being uploaded.
        if cfg!(windows) {
            result.unwrap();
            continue;
        }
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::SourceChanged, "{change}: {error}");
        assert!(bench.sha256_of_stored().is_empty(), "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_leaves_the_session_to_be_gone_on_with() {
    let bench = Bench::new(Config::default());
    let size = 8 * FRAGMENT_UNIT + 3;
    let path = bench.file("a.bin", size);
    let session = bench.session(Family::Drive, size).await;
    let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..UploadOptions::default() };
    let (cancel, progress) = (CancellationToken::new(), Arc::new(Progress::default()));
    let cancelling = async {
        tokio::time::sleep(Duration::from_micros(3500)).await;
        cancel.cancel();
    };
    let upload = bench.client.upload(session.clone(), &path, options, Arc::clone(&progress), &cancel);
    let (result, ()) = tokio::join!(upload, cancelling);
    assert_eq!(result.unwrap_err().kind(), Kind::Cancelled);
    let done = progress.snapshot().done;
    assert!(done > 0 && done < size, "{done}");

    // The session object still says "0-": the service knows better.
    let uploaded = bench.upload(session, &path, FRAGMENT_UNIT).await.unwrap();
    assert_eq!(uploaded.integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))]);
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_in_an_error() {
    let bench = Bench::new(Config::default());
    let path = bench.file("a.bin", 10);
    let session = bench.session(Family::Drive, 10).await;
    let secret = session.upload_url.expose().to_owned();
    bench
        .script(json!([{"on": {"route": "put"}, "do": {"answer": {"status": 403, "code": "accessDenied"}}}]));
    let error = bench.upload(session.clone(), &path, FRAGMENT_UNIT).await.unwrap_err();
    let token = "tempauth";
    assert!(secret.contains(token));
    for shown in [
        error.to_string(),
        format!("{error:?}"),
        format!("{session:?}"),
        mg_upload::report::failure(&error).to_string(),
    ] {
        assert!(!shown.contains(token), "{shown}");
    }
    bench.client.set_token(Some(Secret::new("hidden")));
    assert!(!format!("{:?}", Secret::new("hidden")).contains("hidden"));
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_runs_low_slows_the_upload_down() {
    let bench = Bench::new(Config::default());
    let size = 4 * FRAGMENT_UNIT;
    let headers = json!({"RateLimit-Limit": "100", "RateLimit-Remaining": "2", "RateLimit-Reset": "20"});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": {"headers": headers}}]));
    let file = bench.file("a.bin", size);
    let session = bench.session(Family::Drive, size).await;
    let started = tokio::time::Instant::now();
    bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_throttled_upload_pauses_the_others() {
    let bench = Bench::new(Config::default());
    let throttled = json!({"answer": {"status": 429, "headers": {"Retry-After": "60"}}});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": throttled}]));
    let mut uploads = Vec::new();
    for n in 0..3 {
        let name = format!("{n}.bin");
        let file = bench.file(&name, 4 * FRAGMENT_UNIT);
        let mut request = crate::support::create_request(Family::Drive, 0);
        let body = json!({"item": {"name": name}}).to_string();
        request.body = serde_json::value::RawValue::from_string(body).unwrap();
        uploads.push((crate::support::session_for(&bench.client, &request).await.unwrap(), file));
    }
    let [(a, fa), (b, fb), (c, fc)] = <[_; 3]>::try_from(uploads).unwrap();
    let started = tokio::time::Instant::now();
    let results = tokio::join!(
        bench.upload(a, &fa, FRAGMENT_UNIT),
        bench.upload(b, &fb, FRAGMENT_UNIT),
        bench.upload(c, &fc, FRAGMENT_UNIT)
    );
    results.0.unwrap();
    results.1.unwrap();
    results.2.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(60));
    // But for what was on its way, nothing of any was sent meanwhile.
    let service = bench.transport.service();
    let puts = || service.requests().iter().filter(|asked| asked.method == "PUT");
    let told = puts().find(|asked| asked.status == Some(429)).unwrap().at;
    assert!(puts().filter(|asked| asked.at < told + 60_000).count() <= 6, "{}", puts().count());
    drop(service);
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_goes_by_a_simple_upload_where_its_place_is_known() {
    let bench = Bench::new(Config::default());
    let file = bench.file("empty", 0);
    let session = bench.session(Family::Drive, 0).await;
    let uploaded = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
    assert!(uploaded.committed && uploaded.length == 0);
    assert_eq!(bench.sha256_of_stored(), [sha256(b"")]);
    assert!(bench.transport.service().sessions().is_empty());
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn sha_256_is_taken_when_it_is_wanted() {
    let bench = Bench::new(Config::default());
    let size = 3 * FRAGMENT_UNIT + 1;
    let file = bench.file("a.bin", size);
    let session = bench.session(Family::Drive, size).await;
    let options = UploadOptions { sha256: true, ..UploadOptions::default() };
    let (progress, cancel) = (Arc::default(), CancellationToken::new());
    let uploaded = bench.client.upload(session, &file, options, progress, &cancel).await.unwrap();
    assert_eq!(uploaded.sha256, Some(sha256(&content(size))));
}
