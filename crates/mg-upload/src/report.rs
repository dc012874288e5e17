//! Outcomes and failures as JSON, for callers in other languages. Texts of services are passed on; secrets are not:
//! targets are redacted, and upload URLs never get this far.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::engine::Uploaded;
use crate::error::{Error, Kind};
use crate::graph_error::{GraphError, member};
use crate::journal::{Entry, Record};
use crate::progress::Snapshot;
use crate::secret::redacted;
use crate::session::CreateRequest;
use crate::sessions::{Answered, Described, describe};
use crate::transport::Method;

/// The outcome of creating a session; it can be handed back as a session, and keeps what made it.
pub fn created(answered: &Answered, request: &CreateRequest) -> Value {
    let mut report = self::answered(answered);
    report["origin"] = json!(request.without_token());
    report
}

/// The outcome of asking for a session's state.
pub fn answered(answered: &Answered) -> Value {
    let Answered { answer, family, trail } = answered;
    json!({
        "status": answer.status,
        "headers": headers(answer),
        "family": family,
        "attempts": trail.attempts,
        "body": String::from_utf8_lossy(&answer.body),
    })
}

/// What the journal has on record. Upload URLs stay there.
pub fn journal(entries: &[Entry]) -> Value {
    let (mut open, mut unreadable) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Open(record) => open.push(json!({
                "id": record.id,
                "path": record.path.to_string_lossy(),
                "family": record.family,
                "length": record.samples.length,
                "position": record.position,
                "chunk": record.chunk,
                "created": record.created,
                "expires": record.expires,
                "destination": destination(record),
            })),
            Entry::Unreadable { file, why } => {
                unreadable.push(json!({ "file": file.to_string_lossy(), "why": why }));
            }
        }
    }
    json!({ "open": open, "unreadable": unreadable })
}

/// Where a recorded upload goes, in words: the path that made its session and the name in its body, else the upload URL's
/// host.
fn destination(record: &Record) -> String {
    let Some(described) = record.origin.as_ref().and_then(|origin| describe(origin).ok()) else {
        return redacted(&record.upload_url);
    };
    let path = described.path.trim_end_matches("/microsoft.graph.createUploadSession");
    match name_in(&described) {
        Some(name) if path.ends_with("/root") => format!("{path}:/{name}"),
        // An item may be the file or its folder, an attachment has a number before it has a name.
        Some(name) => format!("{path} ({name})"),
        None => path.to_owned(),
    }
}

/// The file's name as the body of a create request has it. One in the path stands there.
fn name_in(described: &Described) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_slice(&described.body).ok()?;
    let file = member(&body, described.route.body_member)?.as_object()?;
    let name = ["name", "documentName"].iter().find_map(|key| member(file, key)?.as_str())?;
    (!name.is_empty()).then(|| name.to_owned())
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
        "throttledMillis": millis(counters.paused),
        "status": uploaded.status,
        "headers": uploaded.headers,
        "item": uploaded.item,
        "location": uploaded.location,
        "committed": uploaded.committed,
        "hash": uploaded.hash,
        "sha256": uploaded.sha256,
        "serviceHash": uploaded.service_hash,
        "integrity": uploaded.integrity,
        "warnings": uploaded.warnings,
    })
}

/// A failure with everything that helps a person or a support case.
pub fn failure(error: &Error) -> Value {
    let mut report = Map::new();
    let refusal = error.refusal();
    let graph = refusal.map(|refusal| &refusal.graph);
    let answer = error.answer();
    let header = |name| answer.and_then(|answer| answer.header(name)).map(str::to_owned);
    report.insert("kind".into(), json!(error.kind()));
    report.insert("message".into(), json!(message(error)));
    report.insert("httpStatus".into(), json!(answer.map(|answer| answer.status)));
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
    report.insert(
        "retryAfterSeconds".into(),
        json!(refusal.and_then(|refusal| refusal.retry_after).map(|pause| pause.as_secs_f64())),
    );
    if let Some(trail) = error.trail() {
        report.insert("attempts".into(), json!(trail.attempts));
        report.insert("elapsedMillis".into(), json!(millis(trail.elapsed)));
        report.insert("method".into(), json!(trail.method));
        report.insert("target".into(), json!(trail.target));
    }
    report.insert("headers".into(), json!(answer.map_or_else(Vec::new, shown_headers)));
    report.insert("body".into(), json!(answer.and_then(shown_body)));
    report.insert("advice".into(), json!(advice(error)));
    Value::Object(report)
}

/// One sentence that says what to do.
pub fn advice(error: &Error) -> &'static str {
    match error.kind() {
        Kind::InvalidInput if error.refusal().is_some() => {
            "Check the ids and the body against the service's message; sending the same again will not help."
        }
        Kind::InvalidInput => "Correct the input and run the command again; nothing was sent.",
        Kind::SourceMissing => "Check the path; it must name a file.",
        Kind::SourceDenied => "Check the file's permissions, and whether another program has it locked.",
        Kind::SourceChanged => "Wait until nothing writes to the file, then upload it again.",
        Kind::IntegrityMismatch => {
            "Upload the file again; the copy at the destination is not the one that was sent."
        }
        Kind::Unauthenticated => "Run Connect-MgUpload with a current access token.",
        Kind::Forbidden if answered_by_upload_url(error) => {
            "No token is sent to an upload URL: see whether the destination is locked, full or closed by a policy; a URL that has run out needs a new session."
        }
        Kind::Forbidden => "Check that the token has the permissions which this cmdlet's help lists.",
        Kind::NotFound => "Check the ids; the account of the token must be able to see them.",
        Kind::Conflict if matches!(error, Error::InUse) => {
            "Wait until the other process has ended; Get-MgUploadSession lists what it leaves open."
        }
        Kind::Conflict if may_be_commit(error) => {
            "Choose another name or conflict behavior, or wait until the item is no longer locked or being uploaded; where all bytes are there, Complete-MgUploadSession -ConflictBehavior rename (or replace) puts the file in place."
        }
        Kind::Conflict => {
            "Choose another name or conflict behavior, or wait until the item is no longer locked or being uploaded."
        }
        Kind::Throttled => "Wait as long as the service asks, then go on with the same session.",
        Kind::ServerFault => {
            "Try again later with the same session; if it persists, give the request id to Microsoft."
        }
        Kind::SessionExpired => {
            "Look whether the file has arrived; if not, create a new session and upload again."
        }
        Kind::RangeRejected => {
            "Let only one process upload to a session; ask for its state with Get-MgUploadSession."
        }
        Kind::QuotaExceeded => "Free space at the destination, then go on with the same session.",
        Kind::UnexpectedAnswer => "Check that no proxy or gateway answers in the service's place.",
        Kind::Network | Kind::Timeout => {
            "Check the connection, then try again; an upload goes on where its session stands."
        }
        Kind::Cancelled => "Go on with the same session, or remove it with Remove-MgUploadSession.",
        Kind::Unexpected => "This is a fault of MgUpload; please report it with this message.",
    }
}

/// The hosts of Graph, by <https://learn.microsoft.com/graph/deployments>: they are sent a token. Elsewhere are upload URLs,
/// and stand-ins of Graph.
const GRAPH_HOSTS: [&str; 4] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
];

fn is_graph(target: &str) -> bool {
    GRAPH_HOSTS.iter().any(|host| target == redacted(&format!("https://{host}/")))
}

/// Whether an upload URL refused that was sent no token. A POST may have made a session at a stand-in of Graph.
fn answered_by_upload_url(error: &Error) -> bool {
    error.trail().is_some_and(|trail| trail.method != Method::Post.name() && !is_graph(&trail.target))
}

/// Whether a commit can have been refused: anything but a POST to Graph, which makes a session.
fn may_be_commit(error: &Error) -> bool {
    error.trail().is_some_and(|trail| trail.method != Method::Post.name() || !is_graph(&trail.target))
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
    text
}

fn headers(answer: &Answer) -> Vec<(String, String)> {
    answer.headers.clone()
}

/// The headers of a failure: where it points may be an upload URL.
fn shown_headers(answer: &Answer) -> Vec<(String, String)> {
    let mut shown = headers(answer);
    for (_, value) in shown.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("location")) {
        *value = redacted(value);
    }
    shown
}

/// The first bytes of a failure's body, unless they hold an upload URL.
fn shown_body(answer: &Answer) -> Option<String> {
    let raw = GraphError::parse(&answer.body).raw?;
    let secret =
        ["uploadurl", "tempauth", "authtoken"].iter().any(|word| raw.to_ascii_lowercase().contains(word));
    (!secret).then_some(raw)
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{Refusal, Trail};

    fn refused(status: u16, method: Method, url: &str) -> Error {
        let answer = Answer { status, headers: vec![], body: "".into() };
        let trail =
            Trail { method: method.name(), target: redacted(url), attempts: 1, elapsed: Duration::ZERO };
        Error::Refused(Box::new(Refusal { graph: GraphError::parse(b""), answer, trail, retry_after: None }))
    }

    #[test]
    fn advice_looks_at_who_has_refused_what() {
        let (graph, upload) =
            ("https://graph.microsoft.com/v1.0/x", "https://c.sharepoint.com/up?tempauth=t");
        for (status, method, url, part) in [
            (403, Method::Post, graph, "permissions"),
            (403, Method::Put, graph, "permissions"), // To Do
            (403, Method::Put, upload, "No token is sent"),
            (403, Method::Get, upload, "No token is sent"),
            (409, Method::Put, upload, "Complete-MgUploadSession -ConflictBehavior"),
            (409, Method::Post, upload, "Complete-MgUploadSession -ConflictBehavior"),
            (409, Method::Put, graph, "Complete-MgUploadSession -ConflictBehavior"),
        ] {
            let advice = advice(&refused(status, method, url));
            assert!(advice.contains(part), "{status} {method:?} {url}: {advice}");
        }
        assert!(!advice(&refused(409, Method::Post, graph)).contains("Complete-"));
        assert!(advice(&Error::InUse).contains("other process"));
    }
}
