//! How often a request that carries no part of a file is sent, by what it is for and what it meets, and how long that takes
//! at most. Two sessions for one file block each other, and a commit done twice may be two files.

use crate::support::{Bench, deferred, described, session_for};
use graph_standin::Config;
use mg_upload::{ConflictBehavior, FRAGMENT_UNIT, Failure, Family, Kind, Progress, UploadOptions};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = FRAGMENT_UNIT + 3;

/// What became of a request.
#[derive(Debug, PartialEq)]
struct Ended {
    requests: usize,
    kind: Option<Kind>,
    seconds: u64,
}

/// Does one kind of work while every request for it meets `action`.
async fn meet(work: &str, action: &Value) -> Ended {
    let bench = Bench::new(Config::default());
    let request = deferred();
    let session = session_for(&bench.client, &request).await.unwrap();
    if work.starts_with("commit") {
        let options = UploadOptions { defer_commit: true, ..UploadOptions::default() };
        let (path, cancel) = (bench.file("a.bin", SIZE), CancellationToken::new());
        bench.client.upload(session.clone(), &path, options, Default::default(), &cancel).await.unwrap();
    }
    bench.transport.service().forget_requests();
    bench.script(json!([{"on": {"route": work.split(' ').next().unwrap(), "times": 0}, "do": action}]));
    let (progress, started) = (Progress::default(), Instant::now());
    let kind = match work {
        "create" => bench.client.create_session(&described(&request), &progress).await.err(),
        "status" => bench.client.query_session(&session, &progress).await.err().map(Into::into),
        "cancel" => bench.client.cancel_session(&session, &progress).await.err().map(Into::into),
        "commit" => bench.client.commit_session(&session, None, &progress).await.err(),
        _ => {
            let rename = Some(ConflictBehavior::Rename);
            bench.client.commit_session(&session, rename, &progress).await.err()
        }
    };
    let kind = kind.map(|failure: Failure| failure.kind());
    // What is looked at besides, where a commit may have been done already, is another matter.
    let methods: &[&str] = match work {
        "status" => &["GET"],
        "cancel" => &["DELETE"],
        "create" => &["POST"],
        _ => &["POST", "PUT"],
    };
    let service = bench.transport.service();
    let requests = service.requests().iter().filter(|one| methods.contains(&one.method.as_str())).count();
    if !work.starts_with("commit") {
        assert_eq!(progress.snapshot().retries, requests as u64 - 1, "{work} {action}");
    }
    Ended { requests, kind, seconds: started.elapsed().as_secs() }
}

#[tokio::test(start_paused = true)]
async fn each_purpose_repeats_what_it_may() {
    let answer = |status: u16| json!({"answer": {"status": status}});
    let reset = |when: &str| json!({"reset": when});
    // Creating, asking, cancelling, the session's own commit, and the one from its URL.
    for (action, requests, kind) in [
        (answer(400), [1, 1, 1, 2, 1], Kind::InvalidInput),
        (answer(401), [1, 1, 1, 1, 1], Kind::Unauthenticated),
        (answer(403), [1, 1, 1, 1, 1], Kind::Forbidden),
        (answer(409), [1, 1, 1, 1, 1], Kind::Conflict),
        (answer(408), [4, 4, 4, 1, 1], Kind::Timeout),
        (answer(429), [4, 4, 4, 4, 4], Kind::Throttled),
        (answer(500), [1, 4, 1, 1, 1], Kind::ServerFault),
        (answer(502), [4, 4, 4, 1, 1], Kind::ServerFault),
        (answer(503), [4, 4, 4, 4, 4], Kind::ServerFault),
        (answer(504), [4, 4, 4, 1, 1], Kind::Timeout),
        (answer(507), [1, 1, 1, 1, 1], Kind::QuotaExceeded),
        (reset("before"), [1, 4, 4, 1, 1], Kind::Network),
        (json!({"stallMillis": 3_600_000}), [1, 4, 4, 1, 1], Kind::Timeout),
    ] {
        for (work, requests) in
            ["create", "status", "cancel", "commit", "commit from URL"].into_iter().zip(requests)
        {
            let ended = meet(work, &action).await;
            let silent = if action.get("stallMillis").is_some() { 105 * requests as u64 } else { 0 };
            let seen = (ended.requests, ended.kind);
            // A stalled commit was carried out all the same, and is found.
            let done = silent > 0 && work.starts_with("commit");
            assert_eq!(seen, (requests, (!done).then_some(kind)), "{work} {action}");
            // Pauses of one, two and four seconds, at most.
            assert!(ended.seconds <= 7 + silent, "{work} {action}: {ended:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_services_pause_is_kept_and_a_long_one_is_told() {
    let throttled = |seconds: &str| json!({"answer": {"status": 429, "headers": {"Retry-After": seconds}}});
    let of = |requests, seconds| Ended { requests, kind: Some(Kind::Throttled), seconds };
    assert_eq!(meet("create", &throttled("30")).await, of(4, 90));
    assert_eq!(meet("status", &throttled("100")).await, of(4, 300));
    assert_eq!(meet("create", &throttled("101")).await, of(3, 202), "no more than five minutes in all");
    assert_eq!(meet("create", &throttled("301")).await, of(1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_fault_is_got_over() {
    for action in [
        json!({"answer": {"status": 503}}),
        json!({"answer": {"status": 429}}),
        json!({"answer": {"status": 504}}),
    ] {
        let bench = Bench::new(Config::default());
        bench.script(json!([{"on": {"route": "create"}, "do": action}]));
        bench.session(Family::Drive, SIZE).await;
        assert_eq!(bench.transport.service().requests().len(), 2, "{action}");
    }
}
