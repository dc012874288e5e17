//! What is told while an upload goes on and when it fails: everything that helps, no secret, nothing that acts on a terminal.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, client_over, create_request, described, session_for};
use mg_upload::Response;
use mg_upload::net::{HttpOptions, ProxyOptions, Request, Transport, TransportError};
use mg_upload::{
    Event, FRAGMENT_UNIT, Failure, Family, Pause, Progress, Reason, Secret, UploadOptions, report,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 4 * FRAGMENT_UNIT;
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJncmFwaCJ9.c2VjcmV0c2VjcmV0";

#[tokio::test(start_paused = true)]
async fn a_pause_counts_down_and_says_why() {
    let bench = Bench::with_config(&json!({}));
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    let busy = json!({"answer": {"status": 429, "headers": {"Retry-After": "120"}}});
    bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": busy}]));
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    let watch = async {
        let mut seen = Vec::new();
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(30)).await;
            let Pause { after, reason, status, .. } = progress.snapshot().pause.unwrap();
            seen.push((after.as_secs(), reason, status));
        }
        seen
    };
    let upload =
        bench.client.upload(session, &path, UploadOptions::default(), Arc::clone(&progress), &cancel);
    let (outcome, seen) = tokio::join!(upload, watch);
    outcome.unwrap();
    let told = |left| (left, Reason::Throttled, Some(429));
    assert_eq!(seen, [told(90), told(60), told(30)]);
    assert_eq!(progress.snapshot().pause, None);
}

#[tokio::test(start_paused = true)]
async fn every_pause_and_every_request_is_an_event_without_secrets() {
    let bench = Bench::with_config(&json!({}));
    bench.client.set_token(Some(Secret::new(TOKEN)));
    let progress = Arc::new(Progress::default());
    let request = create_request(Family::Drive, SIZE);
    let created = bench.client.create_session(&described(&request), &progress).await.unwrap();
    let session = mg_upload::Session::from_json(&report::created(&created).to_string()).unwrap();
    let url = session.upload_url.expose().to_owned();
    let path = bench.file("a.bin", SIZE);
    let answer = |status: u16| json!({"answer": {"status": status}});
    bench.script(json!([
        {"on": {"route": "put", "nth": 1}, "do": {"answer": {"status": 429, "headers": {"Retry-After": "7"}}}},
        {"on": {"route": "put", "nth": 2}, "do": {"reset": "before"}},
        {"on": {"route": "put", "nth": 3}, "do": answer(503)},
        {"on": {"route": "status", "nth": 1}, "do": answer(423)},
    ]));
    let cancel = CancellationToken::new();
    bench
        .client
        .upload(session, &path, UploadOptions::default(), Arc::clone(&progress), &cancel)
        .await
        .unwrap();

    let events = progress.take_events();
    let pauses = events.iter().filter_map(|event| match event {
        Event::Pause { reason, status, .. } => Some((*reason, *status)),
        _ => None,
    });
    let expected = [
        (Reason::Throttled, Some(429)),
        (Reason::ConnectionLost, None),
        (Reason::Locked, Some(423)),
        (Reason::ServerFault, Some(503)),
    ];
    assert_eq!(pauses.collect::<Vec<_>>(), expected);

    let told: Vec<Value> = events.iter().map(|event| json!(event)).collect();
    let requests: Vec<_> = told.iter().filter(|event| event["event"] == "request").collect();
    assert_eq!(requests.len() as u64, progress.snapshot().requests);
    let first = requests[0];
    assert_eq!((&first["method"], &first["status"]), (&json!("POST"), &json!(200)));
    let target = first["target"].as_str().unwrap();
    assert!(
        target.starts_with("https://graph.test/v1.0/") && target.ends_with("createUploadSession"),
        "{target}"
    );
    assert!(first["body"].as_str().unwrap().contains("conflictBehavior"), "{first}");
    assert!(first["answer"].as_str().unwrap().contains(r#""uploadUrl":"https://upload.test/…""#), "{first}");
    assert!(first["requestId"].is_string() && first["clientRequestId"].is_string(), "{first}");
    let put = requests[1];
    assert_eq!((&put["method"], &put["target"]), (&json!("PUT"), &json!("https://upload.test/…")));
    assert_eq!(put["body"], Value::Null);
    let all = json!(told).to_string();
    let secret = url.split('/').next_back().unwrap();
    assert!(!all.contains(TOKEN) && !all.contains(secret), "{all}");
    assert!(progress.take_events().is_empty(), "taken once");
}

#[tokio::test(start_paused = true)]
async fn what_a_service_repeats_and_what_acts_on_a_terminal_is_not_shown() {
    let mut shown = Vec::new();
    for (route, family) in
        [("put", Family::Drive), ("put", Family::Todo), ("create", Family::Drive), ("commit", Family::Drive)]
    {
        let bench = Bench::with_config(&json!({}));
        bench.client.set_token(Some(Secret::new(TOKEN)));
        let size = if family == Family::Drive { SIZE } else { 1000 };
        let mut request = create_request(family, size);
        if route == "commit" {
            request = serde_json::from_value({
                let mut request = json!(request);
                request["body"]["deferCommit"] = json!(true);
                request
            })
            .unwrap();
        }
        let session = session_for(&bench.client, &request).await.unwrap();
        let url = session.upload_url.expose().to_owned();
        let evil = format!("no: {url} with {TOKEN}, \x1b]52;c;eA==\x07 \u{202e}\u{9b}2J");
        let headers = json!({"X-Echo": format!("{TOKEN} at {url}")});
        let refusal = json!({"answer": {"status": 403, "code": "a\x1b[2Jb", "message": evil, "inner": "c\u{9b}d", "headers": headers}});
        bench.script(json!([{"on": {"route": route, "times": 0}, "do": refusal}]));
        let path = bench.file("a.bin", size);
        let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
        let Failure { error, .. } = match route {
            "create" => bench.client.create_session(&described(&request), &progress).await.unwrap_err(),
            _ => {
                let options = UploadOptions::default();
                bench
                    .client
                    .upload(session, &path, options, Arc::clone(&progress), &cancel)
                    .await
                    .unwrap_err()
            }
        };
        let told = report::failure(&error);
        let all = format!("{} {told} {}", report::message(&error), json!(progress.take_events()));
        assert!(all.contains(r"\u{1b}]52") || all.contains(r"\\u{1b}]52"), "{route}: {all}");
        // What a session was made from is no secret of a request that makes another one.
        let secrets =
            if route == "create" { vec![TOKEN] } else { vec![TOKEN, url.split_once("://").unwrap().1] };
        for secret in secrets {
            assert!(!all.contains(secret), "{route} {family:?} {secret}: {all}");
        }
        assert!(
            !all.chars().any(|character| character.is_control() || character == '\u{202e}'),
            "{route}: {all}"
        );
        shown.push(told["code"].clone());
    }
    assert!(shown.iter().all(|code| code == r"a\u{1b}[2Jb"), "{shown:?}");
}

/// Gives the same answer to whatever comes.
struct Always(Response);

impl Transport for Always {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.0.clone())
    }
}

/// Whether a text could act on a terminal.
fn acts(text: &str) -> bool {
    text.chars().any(|own| own.is_control() && own != '\n' || matches!(own, '\u{202a}'..='\u{202e}'))
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_service_repeats_or_makes_up_gets_through() {
    let url = "https://upload.test/up/0123456789abcdef?tempauth=secretsecretsecret";
    let odd = "a\u{1b}[2J\u{9b}\u{202e}b";
    let echo = json!({"sent": TOKEN, "to": "/up/0123456789abcdef?tempauth=secretsecretsecret", "x": odd});
    let refusal = json!({"error": {"code": odd, "message": format!("{TOKEN} {url}")}}).to_string();
    let page = format!("<html>{odd} {TOKEN} <a href='{}'>", url.replace('&', "&amp;"));
    for (status, body) in [(200, echo.to_string()), (400, refusal), (400, page.clone()), (200, page)] {
        let headers = ["request-id", "client-request-id", "date", "www-authenticate", odd];
        let mut headers: Vec<_> = headers.map(|name| (name.to_owned(), odd.to_owned())).to_vec();
        headers.push(("x-echo".into(), format!("Bearer {TOKEN} {url}")));
        headers.push(("location".into(), format!("{url}{odd}")));
        let folder = tempfile::tempdir().unwrap();
        let client =
            client_over(Always(Response { status, headers, body: body.clone().into() }), folder.path());
        client.set_token(Some(Secret::new(TOKEN)));
        // Windows knows no such names.
        let file = folder.path().join(if cfg!(windows) { "a.bin" } else { "a\u{1b}[2J.bin" });
        std::fs::write(&file, "abc").unwrap();
        let session = format!(r#"{{"uploadUrl":"{url}","nextExpectedRanges":["0-"],"family":"drive"}}"#);
        let session = mg_upload::Session::from_json(&session).unwrap();
        let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
        let options = UploadOptions::default();
        let result = client.upload(session, &file, options, Arc::clone(&progress), &cancel).await;
        let error = result.unwrap_err().error;
        let told = report::failure(&error);
        let mut texts =
            vec![format!("{error:?}"), report::message(&error), json!(progress.take_events()).to_string()];
        each_text(&told, &mut texts);
        for text in &texts {
            assert!(!text.contains("secretsecretsecret") && !text.contains(TOKEN), "{status} {body}: {text}");
            assert!(!acts(text), "{status} {body}: {text:?}");
        }
    }
}

#[test]
fn a_files_name_does_not_act_on_the_terminal_either() {
    let error = mg_upload::Error::SourceMissing { path: "a\u{1b}[2J\u{202e}".into(), why: "no".into() };
    assert_eq!(report::message(&error), r"the file 'a\u{1b}[2J\u{202e}' cannot be uploaded: no");
}

#[test]
fn what_is_printed_to_debug_has_no_secret() {
    let answer =
        Response { status: 200, headers: vec![("location".into(), TOKEN.into())], body: TOKEN.into() };
    let proxy = ProxyOptions { url: format!("http://me:{TOKEN}@proxy"), credentials: None };
    let options = HttpOptions { proxy: Some(proxy), ..HttpOptions::default() };
    for text in [format!("{answer:?}"), format!("{options:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

fn each_text(json: &Value, texts: &mut Vec<String>) {
    match json {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, texts)),
        Value::Object(members) => members.values().for_each(|value| each_text(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
