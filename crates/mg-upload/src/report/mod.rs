//! Outcomes and failures as JSON, for callers in other languages. Texts of services are passed on; secrets are not:
//! targets are redacted, and upload URLs never get this far.

mod failure;

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::attachment::Standing;
use crate::client::{Answered, Created};
use crate::engine::Uploaded;
use crate::error::graph_error::member;
use crate::journal::{Entry, Record, TreeEntry};
use crate::print_job::Printed;
use crate::progress::Snapshot;
use crate::protocol::create::{Described, describe};
use crate::protocol::range;
use crate::response::Response;
use crate::secret::redacted;
use crate::shown::{visible, visible_lines, within_a_sentence};

pub use failure::{failure, message};

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
pub fn journal(entries: &[Entry], trees: &[TreeEntry]) -> Value {
    let (mut open, mut jobs, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    let odd = |file: &Path, why: &str| json!({ "file": file.to_string_lossy(), "why": visible(&within_a_sentence(why)) });
    for entry in entries {
        match entry {
            Entry::Open { record, is_fed } => open.push(open_upload(record, *is_fed)),
            Entry::Unreadable { file, why } => unreadable.push(odd(file, why)),
        }
    }
    for entry in trees {
        match entry {
            TreeEntry::Open { job, standing, is_running } => jobs.push(json!({
                "id": job.id,
                "created": job.created,
                "running": is_running,
                "destination": job.destination,
                "request": job.request,
                "standing": standing,
            })),
            TreeEntry::Unreadable { file, why } => unreadable.push(odd(file, why)),
        }
    }
    json!({ "open": open, "unreadable": unreadable, "trees": jobs })
}

/// An open upload. Where it goes is told in words: by the path that made its session and the name in its body, else by the
/// upload URL's host.
fn open_upload(record: &Record, is_fed: bool) -> Value {
    let endpoint = record.endpoint.as_deref().unwrap_or_default();
    let described = record.origin.clone().and_then(|origin| describe(origin, endpoint).ok());
    let destination =
        described.as_ref().map_or_else(|| redacted(&record.upload_url), |described| described.destination());
    json!({
        "id": record.id,
        "path": record.path.to_string_lossy(),
        "family": record.family,
        "length": (!record.samples.is_unknown()).then_some(record.samples.length),
        "position": record.position,
        "chunk": record.chunk,
        "created": record.created,
        "expires": record.expires.as_deref().map(visible),
        "running": is_fed,
        "name": described.and_then(|described| described.name()),
        "destination": visible(&destination),
    })
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

fn visible_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (visible(name), visible(value))).collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::refusal;
    use crate::family::Family;

    #[test]
    fn what_made_a_session_is_told_without_the_callers_token() {
        let answered = Answered {
            response: Response { status: 200, headers: vec![("a".into(), "b".into())], body: b"{}".to_vec() },
            family: Family::Todo,
            trail: refusal(200, "").trail,
        };
        let request = serde_json::from_value(json!({
            "route": "r", "ids": {}, "headers": [["authorization", "Bearer hidden"], ["If-Match", "e"]], "body": {},
        }))
        .unwrap();
        let report = created(&Created { answered, origin: request });
        assert_eq!(report["origin"]["headers"], json!([["If-Match", "e"]]));
        assert_eq!(
            (&report["status"], &report["family"], &report["attempts"]),
            (&json!(200), &json!("todo"), &json!(2))
        );
        assert_eq!((&report["headers"], &report["body"]), (&json!([["a", "b"]]), &json!("{}")));
    }
}
