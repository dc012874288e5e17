//! Slow lines, refusals that pass, and how often it is said to have been tried.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Bench, InProcess, client_over, content, sha256};
use bytes::Bytes;
use graph_standin::Config;
use mg_upload::Response;
use mg_upload::net::{Body, Request, Transport, TransportError};
use mg_upload::{Error, FRAGMENT_UNIT, Family, Integrity, Kind, Progress, UploadOptions};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A proxy that takes a request whole, at once, and passes it on over a line of so many bytes a second.
struct Buffering {
    inner: InProcess,
    rate: Arc<Mutex<u64>>,
    /// Lengths and seconds of the bodies that went through.
    passed: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl Transport for Buffering {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Body::Stream(mut body) = request.body else { return self.inner.send(request).await };
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            bytes.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        let length = bytes.len() as u64;
        let seconds = length / *self.rate.lock().unwrap();
        sleep(Duration::from_secs(seconds)).await;
        let whole = Request { body: Body::Bytes(Bytes::from(bytes)), ..request };
        let answer = self.inner.send(whole).await;
        self.passed.lock().unwrap().push((length, seconds));
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn fragments_follow_a_slow_line_behind_a_buffering_proxy() {
    for (rate, size) in [(75_000, 30 << 20), (16_000, 12 << 20)] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", size), bench.session(Family::Drive, size).await);
        let (rate, passed) = (Arc::new(Mutex::new(rate)), Arc::new(Mutex::new(Vec::new())));
        let proxy = Buffering {
            inner: bench.transport.clone(),
            rate: Arc::clone(&rate),
            passed: Arc::clone(&passed),
        };
        let client = client_over(proxy, bench.folder.path());
        let (options, cancel) = (UploadOptions::default(), CancellationToken::new());
        let upload = client.upload(session, &file, options, Arc::default(), &cancel);
        let relief = async {
            // Half way, the line gets better.
            while passed.lock().unwrap().iter().map(|(length, _)| length).sum::<u64>() < size / 2 {
                sleep(Duration::from_secs(1)).await;
            }
            let slow = passed.lock().unwrap().len();
            *rate.lock().unwrap() = 10_000_000;
            slow
        };
        let (uploaded, slow) = tokio::join!(upload, relief);
        assert_eq!(uploaded.unwrap().integrity, Integrity::Verified);
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))]);
        assert_eq!(bench.violations(), [""; 0]);
        let passed = passed.lock().unwrap();
        // The first ones to get through may have been too large still.
        assert!(passed[2..slow].iter().all(|(_, seconds)| *seconds <= 30), "{passed:?}");
        let (before, after) = (passed[slow - 1].0, passed[slow..].iter().map(|(length, _)| *length).max());
        assert!(after > Some(before), "{passed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_how_often_it_was_tried() {
    for (rules, kind) in [
        (json!([{"on": {"listener": "upload", "times": 0}, "do": {"reset": "before"}}]), Kind::Network),
        (
            json!([{"on": {"listener": "upload", "times": 0}, "do": {"answer": {"status": 503}}}]),
            Kind::ServerFault,
        ),
        (
            json!([{"on": {"route": "put", "times": 0}, "do": {"answer": {"status": 429, "headers": {"Retry-After": "60"}}}}]),
            Kind::Throttled,
        ),
    ] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", 1000), bench.session(Family::Drive, 1000).await);
        bench.transport.service().forget_requests();
        bench.script(rules);
        let options = UploadOptions { wait_budget: Duration::from_secs(600), ..UploadOptions::default() };
        let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
        let result = bench.client.upload(session, &file, options, Arc::clone(&progress), &cancel).await;
        let error = result.unwrap_err().error;
        assert_eq!(error.kind(), kind, "{error}");
        let sent = u32::try_from(bench.transport.service().requests().len()).unwrap();
        assert!(sent > 5);
        assert_eq!(error.trail().unwrap().attempts, sent, "{error}");
        assert!(error.to_string().contains(&format!("after {sent} attempts")), "{error}");
        let elapsed = error.trail().unwrap().elapsed;
        // The least that the jitter leaves of ten back-offs.
        assert!(elapsed > Duration::from_secs(20), "{elapsed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_after_a_429_counts_as_repeated() {
    let bench = Bench::new(Config::default());
    let (file, session) = (bench.file("a.bin", 1000), bench.session(Family::Drive, 1000).await);
    bench.script(json!([{"on": {"route": "put", "times": 3}, "do": {"answer": {"status": 429}}}]));
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    let options = UploadOptions { max_attempts: 1, ..UploadOptions::default() };
    bench.client.upload(session, &file, options, Arc::clone(&progress), &cancel).await.unwrap();
    let counters = progress.snapshot();
    assert_eq!((counters.requests, counters.retries), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn a_fresh_session_that_takes_no_byte_is_made_anew_though_it_answers_when_asked() {
    for size in [1000, 3 * FRAGMENT_UNIT] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", size), bench.session(Family::Drive, size).await);
        let unknown = json!({"answer": {"status": 404, "code": "itemNotFound"}});
        bench.script(json!([{"on": {"route": "put", "times": 2}, "do": unknown}]));
        let started = Instant::now();
        let uploaded = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(uploaded.integrity, Integrity::Verified, "{size}");
        assert!(started.elapsed().as_secs() < 10, "{size}: {:?}", started.elapsed());
        assert!(uploaded.warnings.iter().any(|text| text.contains("began again")), "{size}");
    }
}

/// One front end knows the session, the other one does not, and never will.
#[tokio::test(start_paused = true)]
async fn a_session_that_answers_and_takes_no_byte_more_is_told_soon() {
    let bench = Bench::new(Config::default());
    let (file, session) = (bench.file("a.bin", 1000), bench.session(Family::Drive, 1000).await);
    let unknown = json!({"answer": {"status": 404, "code": "itemNotFound"}});
    bench.script(json!([{"on": {"route": "put", "times": 0}, "do": unknown}]));
    let started = Instant::now();
    let error = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap_err();
    assert!(matches!(error, Error::SessionLost { .. }), "{error}");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_401_of_personal_that_passes_is_waited_for() {
    let rps =
        json!({"answer": {"status": 401, "code": "unauthenticated", "message": "Unable to initialize RPS"}});
    for route in ["put", "status"] {
        let bench = Bench::with_config(&json!({"drive": {"kind": "personal"}}));
        let size = 2 * FRAGMENT_UNIT;
        let (file, session) = (bench.file("a.bin", size), bench.session(Family::Drive, size).await);
        bench.script(json!([
            {"on": {"route": "put", "nth": 2}, "do": {"reset": "before"}},
            {"on": {"route": route, "times": 2}, "do": rps},
        ]));
        bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))], "{route}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_fragment_of_a_print_document_follows_its_own_redirect() {
    let bench = Bench::new(Config::default());
    let size = 8 * 100_000;
    let (file, session) = (bench.file("a.bin", size), bench.session(Family::Print, size).await);
    bench.transport.service().forget_requests();
    bench.script(json!([{"on": {"route": "put", "atByte": 100_000}, "do": {"redirect": 307, "to": "https://upload.test/moved"}}]));
    bench.upload(session, &file, 100_000).await.unwrap();
    let elsewhere: Vec<_> = bench
        .transport
        .service()
        .requests()
        .iter()
        .filter(|request| request.target == "/moved")
        .map(|request| request.headers.iter().find(|(name, _)| name == "content-range").unwrap().1.clone())
        .collect();
    assert_eq!(elsewhere, ["bytes 100000-199999/800000"]);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(size))]);
}
