//! How long a connection may be silent, on simulated time.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use mg_upload::net::{Body, HttpOptions, Request, Transport, TransportError};
use mg_upload::{
    Client, ClientOptions, Error, FRAGMENT_UNIT, Kind, Progress, Response, Secret, Session, UploadOptions,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::support::{GRAPH, content};

const SECOND: Duration = Duration::from_secs(1);

/// A service on a line that moves something each `pace`: the body, a unit at a time, then the answer, in as many pieces of so
/// many bytes. A pace of an hour is silence.
struct Line {
    pace: Duration,
    pieces: u32,
    piece: u64,
    /// Between the last byte of the body and the first one of the answer.
    thinks: Duration,
    /// Between the pieces of the answer.
    between: Duration,
}

impl Transport for Line {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if let Body::Stream(mut body) = request.body {
            while poll_fn(|cx| body.as_mut().poll_frame(cx)).await.is_some() {
                sleep(self.pace).await;
            }
        }
        sleep(self.thinks).await;
        for _ in 0..self.pieces {
            sleep(self.between).await;
            request.watch.heard(self.piece);
        }
        Ok(Response { status: 201, headers: vec![], body: br#"{"id":"1","name":"a.bin"}"#.to_vec() })
    }
}

fn client(line: Line, idle_timeout: Duration) -> Client<Line> {
    let http = HttpOptions { idle_timeout, ..HttpOptions::default() };
    let options = ClientOptions { graph_endpoint: GRAPH.into(), http, ..ClientOptions::default() };
    let client = Client::over(line, options).unwrap();
    client.set_token(Some(Secret::new("token")));
    client
}

/// Uploads so many bytes as one fragment, once: what became of it, and after how many seconds.
async fn upload(line: Line, idle: Duration, size: u64) -> (Result<(), Error>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin");
    std::fs::write(&file, content(size)).unwrap();
    let session = r#"{"uploadUrl":"https://upload.test/x","family":"drive","nextExpectedRanges":["0-"]}"#;
    let options = UploadOptions { chunk: Some(size), max_attempts: 1, ..UploadOptions::default() };
    let (began, cancel) = (Instant::now(), CancellationToken::new());
    let session = Session::from_json(session).unwrap();
    let uploaded = client(line, idle).upload(session, &file, options, Arc::default(), &cancel).await;
    (uploaded.map(drop).map_err(|failure| failure.error), began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn silence_is_given_up_after_the_limit_and_no_sooner() {
    let hour = 3600 * SECOND;
    let silent = || Line { pace: hour, pieces: 1, piece: 20 * 1024, thinks: Duration::ZERO, between: hour };
    for seconds in [1, 7, 100, 900] {
        let idle = seconds * SECOND;
        let began = Instant::now();
        let session = Session::from_json(r#"{"uploadUrl":"https://upload.test/x"}"#).unwrap();
        let error = client(silent(), idle).query_session(&session, &Progress::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        // Each of its attempts; then there are pauses.
        let took = began.elapsed().as_secs();
        let least = u64::from(4 * seconds);
        assert!((least..=least + least / 4 + 30).contains(&took), "{seconds}: {took}");
    }
    // The body is taken, a unit at a time, and stands still.
    let (outcome, took) = upload(silent(), 7 * SECOND, 4 * FRAGMENT_UNIT).await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::Timeout);
    assert!((7..=10).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_slow_and_not_silent_is_waited_for() {
    let slow =
        |pieces, piece| Line { pace: 9 * SECOND, pieces, piece, thinks: Duration::ZERO, between: 9 * SECOND };
    let (outcome, took) = upload(slow(20, 20 * 1024), 10 * SECOND, 8 * FRAGMENT_UNIT).await;
    outcome.unwrap();
    assert!(took >= 28 * 9, "{took}");
    // Byte by byte is no way to an end.
    let (outcome, took) = upload(slow(10_000, 1), 10 * SECOND, 8 * FRAGMENT_UNIT).await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::Timeout);
    assert!(took < 8 * 9 + 40, "{took}");
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_gets_its_time_besides_whatever_the_limit() {
    // 40 MiB behind a proxy that has taken them: ten minutes and more at 64 KiB a second.
    let size = 128 * FRAGMENT_UNIT;
    let quick = |pieces, thinks, between| Line {
        pace: Duration::from_millis(1),
        pieces,
        piece: 20 * 1024,
        thinks,
        between,
    };
    for (idle, thinks, arrives) in [(5, 600, true), (5, 700, false), (100, 700, true)] {
        let line = quick(1, thinks * SECOND, Duration::ZERO);
        let (outcome, took) = upload(line, idle * SECOND, size).await;
        assert_eq!(outcome.is_ok(), arrives, "{idle} {thinks}: {took} s");
    }
    // The time is for the body alone: an answer that has begun must go on.
    for (between, arrives) in [(40, true), (60, false)] {
        let line = quick(2, 100 * SECOND, between * SECOND);
        let (outcome, took) = upload(line, 50 * SECOND, size).await;
        assert_eq!(outcome.is_ok(), arrives, "{between}: {took}");
    }
}

#[tokio::test]
async fn a_limit_that_is_none_is_refused() {
    for (connect, idle, named) in [(0, 100, "connect"), (30, 0, "idle"), (30, 86_401, "idle")] {
        let http = HttpOptions {
            connect_timeout: connect * SECOND,
            idle_timeout: idle * SECOND,
            ..HttpOptions::default()
        };
        let options = ClientOptions { graph_endpoint: GRAPH.into(), http, ..ClientOptions::default() };
        let error = Client::new(options).err().unwrap();
        assert_eq!(error.kind(), Kind::InvalidInput);
        let text = error.to_string();
        assert!(text.contains(named) && text.contains("from 1 ms to a day"), "{text}");
    }
}
