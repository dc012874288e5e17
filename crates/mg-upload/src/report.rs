//! Outcomes and failures as JSON, for callers in other languages. Texts of services are passed on; secrets are not:
//! targets are redacted, and upload URLs never get this far.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::attachment::Standing;
use crate::client::{Answered, Created};
use crate::engine::Uploaded;
use crate::error::Error;
use crate::error::graph_error::{GraphError, member};
use crate::journal::{Entry, Job, Record};
use crate::print_job::Printed;
use crate::progress::Snapshot;
use crate::protocol::create::{Described, describe};
use crate::protocol::range;
use crate::response::Response;
use crate::secret::redacted;
use crate::shown::{self, visible, visible_lines, within_a_sentence};

/// The outcome of creating a session; it can be handed back as a session, and keeps what made it.
pub fn created(created: &Created) -> Value {
    let mut report = answered(&created.answered);
    report["origin"] = json!(created.origin.without_token());
    report
}

/// The outcome of asking for a session's state.
pub fn answered(answered: &Answered) -> Value {
    let Answered { response, family, trail } = answered;
    json!({
        "status": response.status,
        "headers": visible_headers(&response.headers),
        "family": family,
        "attempts": trail.attempts,
        "body": String::from_utf8_lossy(&response.body),
        "state": state(response),
    })
}

/// What an answer says of a session, in our words: the first byte that is missing (null: none is), and when it ends.
fn state(response: &Response) -> Value {
    let Some(body) = response.object() else { return Value::Null };
    let ranges = member(&body, "nextExpectedRanges").and_then(Value::as_array);
    let list = range::parse_list(ranges.into_iter().flatten().filter_map(Value::as_str)).unwrap_or_default();
    json!({
        "missing": ranges.is_some().then(|| list.iter().map(|missing| missing.first).min()),
        "expires": member(&body, "expirationDateTime").and_then(Value::as_str).map(visible),
    })
}

/// What the journal has on record. Upload URLs stay there.
pub fn journal(entries: &[Entry], trees: &[(Job, bool)]) -> Value {
    let (mut open, mut unreadable) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Open { record, is_fed } => open.push(json!({
                "id": record.id,
                "path": record.path.to_string_lossy(),
                "family": record.family,
                "length": (!record.samples.is_unknown()).then_some(record.samples.length),
                "position": record.position,
                "chunk": record.chunk,
                "created": record.created,
                "expires": record.expires.as_deref().map(visible),
                "running": is_fed,
                "name": record.origin.as_ref().and_then(|origin| describe(origin, record.endpoint.as_deref().unwrap_or_default()).ok()).and_then(|made| made.name()),
                "destination": visible(&destination(record)),
            })),
            Entry::Unreadable { file, why } => {
                unreadable.push(json!({ "file": file.to_string_lossy(), "why": visible(&within_a_sentence(why)) }));
            }
        }
    }
    let tree = |(job, running): &(Job, bool)| {
        json!({
            "id": job.id,
            "created": job.created,
            "running": running,
            "destination": job.destination,
            "request": job.request,
        })
    };
    json!({ "open": open, "unreadable": unreadable, "trees": trees.iter().map(tree).collect::<Vec<_>>() })
}

/// Where a recorded upload goes, in words: the path that made its session and the name in its body, else the upload URL's
/// host.
fn destination(record: &Record) -> String {
    let described = record
        .origin
        .as_ref()
        .and_then(|origin| describe(origin, record.endpoint.as_deref().unwrap_or_default()).ok());
    let Some(described) = described else {
        return redacted(&record.upload_url);
    };
    described.destination()
}

/// The outcome of committing a session.
pub fn committed(item: &Map<String, Value>) -> Value {
    json!({ "item": item })
}

/// The outcome of cancelling a session.
pub fn cancelled(was_open: bool) -> Value {
    json!({ "alreadyGone": !was_open })
}

/// The request that creating a session would send, without the token.
pub fn described(described: &Described) -> Value {
    json!({
        "method": "POST",
        "path": described.path,
        "name": described.name(),
        "destination": described.destination(),
        "family": described.route.family,
        "headers": described.headers,
        "body": String::from_utf8_lossy(&described.body),
    })
}

/// The outcome of an upload.
pub fn uploaded(uploaded: &Uploaded, counters: &Snapshot) -> Value {
    json!({
        "path": uploaded.path.to_string_lossy(),
        "family": uploaded.family,
        "length": uploaded.length,
        "bytesSent": counters.sent,
        "requests": counters.requests,
        "retries": counters.retries,
        "elapsedMillis": millis(uploaded.elapsed),
        "throttledMillis": millis(counters.throttled),
        "status": uploaded.status,
        "headers": visible_headers(&uploaded.headers),
        "item": uploaded.item,
        "location": uploaded.location.as_deref().map(visible),
        "committed": uploaded.committed,
        "hash": uploaded.hash,
        "sha256": uploaded.sha256,
        "serviceHash": uploaded.service_hash,
        "integrity": uploaded.integrity,
        "warnings": uploaded.warnings.iter().map(|warning| visible_lines(&within_a_sentence(warning))).collect::<Vec<_>>(),
    })
}

/// The outcome of printing: that of the upload, with the job and how it stood once it was started.
pub fn printed(printed: &Printed, counters: &Snapshot) -> Value {
    let mut report = uploaded(&printed.uploaded, counters);
    report["jobId"] = json!(printed.job);
    report["state"] = print_state(&printed.status);
    report
}

/// How a print job stands.
pub fn print_state(status: &Map<String, Value>) -> Value {
    let text = |name| member(status, name).and_then(Value::as_str).map(visible);
    json!({ "state": text("state"), "description": text("description") })
}

/// What is attached already, and how the rest fits.
pub fn standing(standing: &Standing) -> Value {
    json!(standing)
}

/// A failure with everything that helps a person or a support case.
pub fn failure(error: &Error) -> Value {
    let mut report = Map::new();
    let refusal = error.refusal();
    let graph = refusal.map(|refusal| &refusal.graph);
    let response = error.response();
    let header = |name| response.and_then(|response| response.header(name)).map(visible);
    report.insert("kind".into(), json!(error.kind()));
    report.insert("message".into(), json!(message(error)));
    report.insert("fault".into(), json!(error.fault()));
    report.insert("httpStatus".into(), json!(response.map(|response| response.status)));
    report.insert("code".into(), json!(graph.and_then(|graph| graph.code.as_deref())));
    report.insert("innerCodes".into(), json!(graph.map_or(&[][..], |graph| &graph.inner_codes)));
    report.insert("graphMessage".into(), json!(graph.and_then(|graph| graph.message.as_deref())));
    report.insert(
        "requestId".into(),
        json!(graph.and_then(|g| g.request_id.clone()).or_else(|| header("request-id"))),
    );
    report.insert(
        "clientRequestId".into(),
        json!(graph.and_then(|g| g.client_request_id.clone()).or_else(|| header("client-request-id"))),
    );
    report.insert("date".into(), json!(graph.and_then(|g| g.date.clone()).or_else(|| header("date"))));
    report.insert("retryAfterSeconds".into(), json!(pause_asked_for(error).map(|pause| pause.as_secs_f64())));
    if let Some(trail) = error.trail() {
        report.insert("attempts".into(), json!(trail.attempts));
        report.insert("elapsedMillis".into(), json!(millis(trail.elapsed)));
        report.insert("method".into(), json!(trail.method));
        report.insert("target".into(), json!(trail.target));
        report.insert("withToken".into(), json!(trail.with_token));
    }
    report.insert("headers".into(), json!(response.map_or_else(Vec::new, shown_headers)));
    report.insert("body".into(), json!(response.and_then(shown_body)));
    if let Value::Object(facts) = facts(error) {
        report.extend(facts);
    }
    Value::Object(report)
}

/// Facts that neither kind nor code tells, by which a caller finds its words of advice.
fn facts(error: &Error) -> Value {
    match error {
        Error::IntegrityMismatch { item, .. } => json!({ "item": item }),
        Error::NoToken => json!({ "reason": "noToken" }),
        Error::InUse => json!({ "reason": "inUse" }),
        Error::NotSent { reason, .. } => json!({ "reason": reason }),
        Error::NotCommitted => json!({ "reason": "notCommitted" }),
        Error::Finished { .. } => json!({ "reason": "finished" }),
        Error::NoLength { .. } => json!({ "reason": "noLength" }),
        Error::Journal { .. } => json!({ "reason": "journal" }),
        Error::Incomplete { .. } => json!({ "reason": "incomplete" }),
        Error::UnknownId(_) => json!({ "reason": "unknownId" }),
        Error::Unfit { reason, .. } => json!({ "reason": reason }),
        Error::WrongSize { family, too_large: true, .. } => json!({ "reason": "tooLarge", "family": family }),
        Error::WrongSize { family, .. } => json!({ "reason": "tooSmall", "family": family }),
        _ => json!({}),
    }
}

/// An error's text with those of its causes, as far as they say more.
pub fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let own = error.to_string();
        if !text.contains(&own) {
            text = format!("{text}: {own}");
        }
        cause = error.source();
    }
    // Paths, and texts of the system and of libraries, are in it too.
    visible_lines(&within_a_sentence(&text))
}

/// How long the service wants to be left alone.
fn pause_asked_for(error: &Error) -> Option<Duration> {
    match error {
        Error::HostPaused { left, .. } => Some(*left),
        other => other.refusal()?.retry_after,
    }
}

fn visible_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (visible(name), visible(value))).collect()
}

/// The headers of a failure: where it points may be an upload URL.
fn shown_headers(response: &Response) -> Vec<(String, String)> {
    let mut shown = visible_headers(&response.headers);
    for (_, value) in shown.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("location")) {
        *value = redacted(value);
    }
    shown
}

/// The first bytes of a failure's body, unless they hold an upload URL.
fn shown_body(response: &Response) -> Option<String> {
    let raw = match response.is_success() {
        true => (!response.body.is_empty()).then(|| shown::body(&response.body))?,
        false => GraphError::parse(&response.body).raw?,
    };
    let secret =
        ["uploadurl", "tempauth", "authtoken"].iter().any(|word| raw.to_ascii_lowercase().contains(word));
    (!secret).then_some(raw)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::family::Family;

    #[test]
    fn what_the_library_finds_has_a_reason() {
        let small = Error::WrongSize { family: Family::Outlook, too_large: false, why: "w".into() };
        for (error, facts) in [
            (Error::NoToken, json!({ "reason": "noToken" })),
            (Error::InUse, json!({ "reason": "inUse" })),
            (Error::NotCommitted, json!({ "reason": "notCommitted" })),
            (Error::UnknownId("i".into()), json!({ "reason": "unknownId" })),
            (small, json!({ "reason": "tooSmall", "family": "outlook" })),
        ] {
            let report = failure(&error);
            for (name, value) in facts.as_object().unwrap() {
                assert_eq!(&report[name], value, "{error:?}");
            }
        }
        assert!(failure(&Error::Cancelled).get("reason").is_none());
    }

    /// A caller in C has no cmdlets: words that name them are PowerShell's.
    #[test]
    fn no_text_names_a_cmdlet() {
        fn read(folder: &Path) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                        assert!(!line.contains(concat!("-", "Mg")), "{}: {line}", path.display());
                    }
                }
            }
        }
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        read(&own.join("src"));
        read(&own.join("../mg-upload-ffi/src"));
    }

    fn refused(headers: &[(&str, &str)], body: &str) -> Error {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Error::Refused(Box::new(crate::error::Refusal {
            response: Response { status: 503, headers, body: body.into() },
            graph: GraphError::parse(body.as_bytes()),
            trail: crate::error::Trail {
                method: "PUT",
                target: "https://h/…".into(),
                with_token: false,
                attempts: 3,
                elapsed: std::time::Duration::from_millis(1500),
            },
            retry_after: Some(std::time::Duration::from_millis(2500)),
        }))
    }

    #[test]
    fn a_failure_tells_all_but_secrets() {
        let body = r#"{"error":{"code":"c","message":"m","innerError":{"code":"i"}}}"#;
        let ids = [("Request-Id", "r"), ("client-request-id", "cr"), ("Date", "d"), ("X", "x")];
        let report = failure(&refused(&ids, body));
        for (name, value) in [
            ("kind", json!("ServerFault")),
            ("httpStatus", json!(503)),
            ("code", json!("c")),
            ("innerCodes", json!(["i"])),
            ("graphMessage", json!("m")),
            ("requestId", json!("r")),
            ("clientRequestId", json!("cr")),
            ("date", json!("d")),
            ("retryAfterSeconds", json!(2.5)),
            ("attempts", json!(3)),
            ("elapsedMillis", json!(1500)),
            ("method", json!("PUT")),
            ("target", json!("https://h/…")),
            ("headers", json!(ids)),
            ("body", json!(body)),
        ] {
            assert_eq!(report[name], value, "{name}");
        }
        let inside =
            r#"{"error":{"code":"c","innerError":{"request-id":"in","date":"in","client-request-id":"in"}}}"#;
        let report = failure(&refused(&ids, inside));
        assert!(
            ["requestId", "clientRequestId", "date"].iter().all(|name| report[*name] == "in"),
            "{report}"
        );
    }

    #[test]
    fn no_upload_url_is_in_a_failure() {
        for name in ["location", "Location", "LOCATION"] {
            let report =
                failure(&refused(&[(name, "https://up.example.com/hidden?x=hidden")], "")).to_string();
            assert!(report.contains("https://up.example.com/…") && !report.contains("hidden"), "{report}");
        }
        for secret in ["uploadUrl", "UPLOADURL", "x?tempauth=", "AuthToken"] {
            let report = failure(&refused(&[], &format!("<p>{secret} hidden</p>"))).to_string();
            assert!(!report.contains("hidden"), "{report}");
        }
    }

    #[test]
    fn what_made_a_session_is_told_without_the_callers_token() {
        let answered = Answered {
            response: Response { status: 200, headers: vec![("a".into(), "b".into())], body: b"{}".to_vec() },
            family: Family::Todo,
            trail: refused(&[], "").trail().unwrap().clone(),
        };
        let request = serde_json::from_value(json!({
            "route": "r", "ids": {}, "headers": [["authorization", "Bearer hidden"], ["If-Match", "e"]], "body": {},
        }))
        .unwrap();
        let report = created(&Created { answered, origin: request });
        assert_eq!(report["origin"]["headers"], json!([["If-Match", "e"]]));
        assert_eq!(
            (&report["status"], &report["family"], &report["attempts"]),
            (&json!(200), &json!("todo"), &json!(3))
        );
        assert_eq!((&report["headers"], &report["body"]), (&json!([["a", "b"]]), &json!("{}")));
    }

    #[test]
    fn causes_are_told_once() {
        let cause = std::io::Error::other("permission denied");
        let error = Error::SourceDenied { path: "/a".into(), source: cause };
        assert_eq!(message(&error), "the file '/a' cannot be read: permission denied");
        let same = Error::SourceDenied { path: "/a".into(), source: std::io::Error::other("cannot be read") };
        assert_eq!(message(&same), "the file '/a' cannot be read");
    }
}
