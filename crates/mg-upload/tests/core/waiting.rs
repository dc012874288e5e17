//! Waiting: bounded by the budget whoever asks for it, counted for what it is, and not done at all where it cannot help.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use crate::support::{Bench, create_request, described};
use mg_upload::Response;
use mg_upload::net::{Request, Transport, TransportError};
use mg_upload::{
    Client, ClientOptions, Error, FRAGMENT_UNIT, Family, Kind, Progress, Secret, Session, Snapshot,
    TransportFault, UploadOptions, Uploaded,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 4 * FRAGMENT_UNIT;

/// Uploads in fragments of a unit; tells the outcome and the account.
async fn upload(
    bench: &Bench,
    session: Session,
    size: u64,
    budget: Duration,
) -> (Result<Uploaded, Error>, Snapshot) {
    let path = bench.file("a.bin", size);
    let options =
        UploadOptions { chunk: Some(FRAGMENT_UNIT), wait_budget: budget, ..UploadOptions::default() };
    let progress = Arc::new(Progress::default());
    let cancel = CancellationToken::new();
    let outcome = bench.client.upload(session, &path, options, Arc::clone(&progress), &cancel).await;
    (outcome.map_err(|failure| failure.error), progress.snapshot())
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn the_next_process_is_throttled_too_and_told_for_how_long() {
    let mut bench = Bench::with_config(&json!({}));
    let session = bench.session(Family::Drive, SIZE).await;
    let busy = json!({"answer": {"status": 429, "headers": {"Retry-After": "7200"}}});
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": busy}]));
    let (outcome, _) = upload(&bench, session, SIZE, HOUR).await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::Throttled);
    bench.restart();
    let id = bench.on_record().remove(0);
    bench.transport.service().forget_requests();
    let error = bench.resume(&id).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Throttled, "{error}");
    let left = mg_upload::report::failure(&error)["retryAfterSeconds"].as_f64().unwrap();
    assert!((7190.0..=7200.0).contains(&left), "{left}");
    assert!(bench.transport.service().requests().is_empty(), "nothing was sent before its time");

    let options = UploadOptions { wait_budget: 3 * HOUR, ..UploadOptions::default() };
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    bench.client.resume(&id, options, Arc::clone(&progress), &cancel).await.unwrap();
    let throttled = progress.snapshot().throttled.as_secs();
    assert!((7190..=7200).contains(&throttled), "{throttled}");
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn pauses_at_the_gate_spend_the_budget() {
    let bench = Bench::with_config(&json!({}));
    let session = bench.session(Family::Drive, 2 * SIZE).await;
    let scarce = json!({"headers": {"RateLimit-Remaining": "1", "RateLimit-Reset": "60"}});
    bench.script(json!([{"on": {"route": "put", "times": 0}, "do": scarce}]));
    let started = Instant::now();
    let budget = Duration::from_secs(150);
    let (outcome, counters) = upload(&bench, session, 2 * SIZE, budget).await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::Throttled);
    assert!(started.elapsed() < budget && counters.throttled >= Duration::from_secs(100), "{counters:?}");
    assert_eq!(bench.on_record().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reset_of_decades_slows_down_for_minutes() {
    let bench = Bench::with_config(&json!({}));
    let size = 20 * FRAGMENT_UNIT;
    let session = bench.session(Family::Drive, size).await;
    let decades = json!({"headers": {"RateLimit-Remaining": "1", "RateLimit-Reset": "1893456000"}});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": decades}]));
    let started = Instant::now();
    upload(&bench, session, size, HOUR).await.0.unwrap();
    assert!(started.elapsed() < Duration::from_secs(620), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn three_429s_are_three_retries_and_our_own_back_off_is_no_throttling() {
    let bench = Bench::with_config(&json!({}));
    let session = bench.session(Family::Drive, SIZE).await;
    let busy = json!({"answer": {"status": 429, "headers": {"Retry-After": "5"}}});
    bench.script(json!([{"on": {"route": "put", "nth": 2, "times": 3}, "do": busy}]));
    let (outcome, counters) = upload(&bench, session, SIZE, HOUR).await;
    outcome.unwrap();
    assert_eq!((counters.retries, counters.throttled.as_secs()), (3, 15));

    let session = bench.session(Family::Drive, SIZE).await;
    bench.script(json!([{"on": {"route": "put", "nth": 2, "times": 3}, "do": {"answer": {"status": 500}}}]));
    let started = Instant::now();
    let (outcome, counters) = upload(&bench, session, SIZE, HOUR).await;
    outcome.unwrap();
    assert_eq!((counters.retries, counters.throttled), (3, Duration::ZERO));
    assert!(started.elapsed() >= Duration::from_millis(300), "it has paused all the same");
}

/// Nothing but a fault.
#[derive(Clone)]
struct Faulty(TransportFault, Arc<AtomicU32>);

impl Transport for Faulty {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        self.1.fetch_add(1, Relaxed);
        Err(TransportError::new(self.0, "no"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_stays_is_met_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, [1; 1000]).unwrap();
    for (fault, kind) in [
        (TransportFault::Untrusted, Kind::Network),
        (TransportFault::ProxyDenied, Kind::Network),
        (TransportFault::Unsendable, Kind::InvalidInput),
    ] {
        let transport = Faulty(fault, Arc::default());
        let options =
            ClientOptions { graph_endpoint: "https://graph.test".into(), ..ClientOptions::default() };
        let client = Client::over(transport.clone(), options).unwrap();
        client.set_token(Some(Secret::new("token")));
        let started = Instant::now();
        let progress = || Arc::new(Progress::default());
        let session = || {
            let json = r#"{"uploadUrl":"https://upload.test/x","nextExpectedRanges":["0-"]}"#;
            Session::from_json(json).unwrap()
        };
        let cancel = CancellationToken::new();
        for error in [
            client
                .create_session(&described(&create_request(Family::Drive, 1)), &progress())
                .await
                .unwrap_err()
                .error,
            client.query_session(&session(), &progress()).await.unwrap_err(),
            client
                .upload(session(), &path, UploadOptions::default(), progress(), &cancel)
                .await
                .unwrap_err()
                .error,
        ] {
            assert_eq!((error.kind(), error.fault()), (kind, Some(fault)), "{error}");
            let told = mg_upload::report::failure(&error);
            assert_eq!((&told["fault"], &told["attempts"]), (&json!(format!("{fault:?}")), &json!(1)));
        }
        assert_eq!((transport.1.load(Relaxed), started.elapsed()), (3, Duration::ZERO), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_to_wait_for_is_one_of_the_clock_that_names_it() {
    let bench = Bench::with_config(&json!({}));
    let session = bench.session(Family::Drive, SIZE).await;
    let headers =
        json!({"Date": "Thu, 01 Jan 2032 00:00:00 GMT", "Retry-After": "Thu, 01 Jan 2032 00:00:10 GMT"});
    bench.script(
        json!([{"on": {"route": "put", "nth": 1}, "do": {"answer": {"status": 429, "headers": headers}}}]),
    );
    let started = Instant::now();
    upload(&bench, session, SIZE, HOUR).await.0.unwrap();
    assert!((10..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_was_noted_by_a_clock_since_set_back_is_none() {
    let mut bench = Bench::with_config(&json!({}));
    let session = bench.session(Family::Drive, SIZE).await;
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": {"answer": {"status": 403}}}]));
    upload(&bench, session, SIZE, HOUR).await.0.unwrap_err();
    let id = bench.on_record().remove(0);
    let file = bench.folder.path().join(format!("sessions/{id}.json"));
    let mut record: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    record["notBefore"] = json!("2099-01-01T00:00:00Z");
    std::fs::write(&file, record.to_string()).unwrap();
    bench.restart();
    let started = Instant::now();
    bench.resume(&id).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_now_is_asked_for_when_the_service_says() {
    let coded = |status: u16, code: &str| json!({"answer": {"status": status, "code": code, "headers": {"Retry-After": "40"}}});
    let put = |action: Value| json!({"on": {"route": "put", "nth": 2}, "do": action});
    let gone = json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}});
    let create = json!({"on": {"route": "create"}, "do": coded(409, "nameAlreadyExists")});
    for rules in [
        json!([put(coded(404, "itemNotFound"))]),
        json!([put(coded(416, "invalidRange"))]),
        json!([put(gone), create]),
    ] {
        let bench = Bench::with_config(&json!({}));
        let session = bench.session(Family::Drive, 4 * FRAGMENT_UNIT).await;
        bench.script(rules.clone());
        let started = Instant::now();
        let (result, _) = upload(&bench, session, 4 * FRAGMENT_UNIT, Duration::from_secs(600)).await;
        result.unwrap();
        let waited = started.elapsed().as_secs();
        assert!((40..50).contains(&waited), "{waited} s for {rules}");
    }
}
