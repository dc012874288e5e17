//! The control listener's requests, on values: JSON in and out.

use crate::{fault::Rule, service::Service};
use serde_json::{Value, json};

/// What the control listener answers: a status and JSON, or the bytes of a file.
pub enum Reply {
    /// JSON.
    Json(u16, Value),
    /// The bytes of a kept file.
    Bytes(Vec<u8>),
}

/// Carries out a control request.
pub fn control(service: &mut Service, method: &str, path: &str, body: &[u8]) -> Reply {
    match answer(service, method, path, body) {
        Ok(reply) => reply,
        Err((status, text)) => Reply::Json(status, json!({"error": text})),
    }
}

fn answer(service: &mut Service, method: &str, path: &str, body: &[u8]) -> Result<Reply, (u16, String)> {
    let bad = |text: String| (400, text);
    let parse = || serde_json::from_slice::<Value>(body).map_err(|e| bad(e.to_string()));
    let json = |value: Value| Ok(Reply::Json(200, value));
    let done = || Ok(Reply::Json(200, json!({})));
    match (method, path) {
        ("GET", "/requests") => json(json!(service.requests())),
        ("DELETE", "/requests") => {
            service.forget_requests();
            done()
        }
        ("GET", "/faults") => json(json!(service.faults())),
        ("POST", "/faults") => {
            let body = parse()?;
            let rules = if body.is_array() { body } else { json!([body]) };
            let rules: Vec<Rule> = serde_json::from_value(rules).map_err(|e| bad(e.to_string()))?;
            rules.into_iter().for_each(|rule| service.script(rule));
            json(json!(service.faults()))
        }
        ("DELETE", "/faults") => {
            service.clear_faults();
            done()
        }
        ("GET", "/files") => json(json!(service.files())),
        ("GET", "/counts") => {
            json(json!({ "requests": service.requests().len(), "files": service.files().len() }))
        }
        ("GET", "/sessions") => json(json!(service.sessions())),
        ("GET", "/violations") => json(json!(service.violations())),
        ("POST", "/clock") => {
            let seconds = parse()?.get("advanceSeconds").and_then(Value::as_f64);
            let seconds =
                seconds.filter(|s| *s >= 0.0).ok_or_else(|| bad("advanceSeconds is a number".into()))?;
            service.advance((seconds * 1000.0) as u64);
            done()
        }
        ("GET", "/config") => json(json!(service.config())),
        ("POST", "/config") => {
            let config = service.config().merged(&parse()?).map_err(bad)?;
            service.configure(config);
            json(json!(service.config()))
        }
        ("POST", "/reset") => {
            service.reset();
            done()
        }
        ("GET", path) if path.starts_with("/files/") && path.ends_with("/content") => {
            let id = path["/files/".len()..].trim_end_matches("/content").trim_end_matches('/');
            let file = service.files().iter().find(|file| file.id == id);
            let bytes = file.and_then(|file| file.bytes.clone());
            bytes.map(Reply::Bytes).ok_or_else(|| (404, "no such file, or its bytes are not kept".into()))
        }
        _ => Err((404, format!("{method} {path} is not known here"))),
    }
}
