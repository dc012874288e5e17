//! A failure as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{millis, visible_headers};
use crate::error::Error;
use crate::error::graph_error::GraphError;
use crate::response::Response;
use crate::secret::redacted;
use crate::shown::{self, visible, visible_lines, within_a_sentence};

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
        Error::Refused(refusal) if refusal.hindrance().is_some() => json!({ "reason": refusal.hindrance() }),
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
    fn causes_are_told_once() {
        let cause = std::io::Error::other("permission denied");
        let error = Error::SourceDenied { path: "/a".into(), source: cause };
        assert_eq!(message(&error), "the file '/a' cannot be read: permission denied");
        let same = Error::SourceDenied { path: "/a".into(), source: std::io::Error::other("cannot be read") };
        assert_eq!(message(&same), "the file '/a' cannot be read");
    }
}
