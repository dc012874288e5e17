//! The fault matrix: every entry of the catalogue, for every back end, on the first, a middle and the last fragment.
//! Each ends in a file that arrived whole, or in a clear error with a session that can be gone on with, and then is.

use crate::support::{Bench, content, sha256};
use mg_upload::{FRAGMENT_UNIT, Family, Kind};
use serde_json::{Value, json};

/// Name, rule's action, how often it plays, configuration.
fn catalogue() -> Vec<(&'static str, Value, u64)> {
    let answer = |status: u16, headers: Value| json!({"answer": {"status": status, "headers": headers}});
    let stored = |status: u16| json!({"answer": {"status": status}, "stored": true});
    let coded = |status: u16, code: &str, inner: &str| json!({"answer": {"status": status, "code": code, "inner": inner}});
    vec![
        ("reset before headers", json!({"reset": "before"}), 1),
        ("reset before headers, 3 times", json!({"reset": "before"}), 3),
        ("reset in the body", json!({"reset": "body", "afterBytes": 100_000}), 1),
        ("reset after storing", json!({"reset": "after-store"}), 1),
        ("answer cut in half", json!({"cutAnswer": true}), 1),
        ("stall of 30 s", json!({"stallMillis": 30_000}), 1),
        ("stall beyond all patience", json!({"stallMillis": 3_600_000}), 1),
        ("connection closed after the answer", json!({"close": true}), 1),
        ("408", answer(408, json!({})), 1),
        ("429 without Retry-After", answer(429, json!({})), 1),
        ("429 with Retry-After", answer(429, json!({"Retry-After": "30"})), 2),
        ("429 in lower case", answer(429, json!({"retry-after": "7"})), 1),
        ("429 with a date", answer(429, json!({"Retry-After": "date+20"})), 1),
        ("500", answer(500, json!({})), 1),
        ("502", answer(502, json!({})), 2),
        ("503 not stored", answer(503, json!({"Retry-After": "5"})), 1),
        ("503 stored", stored(503), 1),
        ("504", answer(504, json!({})), 1),
        ("504 stored", stored(504), 1),
        ("509", answer(509, json!({})), 1),
        ("404 once", coded(404, "itemNotFound", "uploadSessionNotFound"), 1),
        (
            "400 upload session not found",
            json!({"answer": {"status": 400, "code": "invalidRequest", "message": "Upload session not found"}}),
            1,
        ),
        ("401 expiredToken", coded(401, "unauthenticated", "expiredToken"), 1),
        ("403", coded(403, "accessDenied", "accessRestricted"), 1),
        ("409 nameAlreadyExists", coded(409, "nameAlreadyExists", ""), 1),
        ("409 resourceModified", coded(409, "resourceModified", ""), 1),
        ("412", coded(412, "preconditionFailed", "entityTagDoesNotMatch"), 1),
        ("413", coded(413, "invalidRequest", "maxFragmentLengthExceeded"), 1),
        ("416 spurious", coded(416, "invalidRange", "fragmentOutOfOrder"), 1),
        ("423", coded(423, "notAllowed", "resourceLocked"), 2),
        ("507", coded(507, "quotaLimitReached", ""), 1),
        (
            "HTML",
            json!({"answer": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": "<html>proxy</html>"}}),
            1,
        ),
        ("HTML, stored", json!({"answer": {"status": 200, "body": "<html>proxy</html>"}, "stored": true}), 1),
        ("empty 200", answer(200, json!({})), 1),
        ("empty 202, stored", stored(202), 1),
        ("JSON cut short", json!({"answer": {"status": 202, "body": "{\"nextExp"}, "stored": true}), 1),
        ("redirect", json!({"redirect": 307}), 1),
        ("redirect 308", json!({"redirect": 308}), 1),
    ]
}

/// Faults that take more than one rule, or another service: name, rules, configuration. Rules on PUTs get their part.
fn composed() -> Vec<(&'static str, Value, Value)> {
    let put = |action: Value| json!({"on": {"route": "put"}, "do": action});
    let expired = json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}});
    let stub = json!({"answer": {"status": 409, "code": "nameAlreadyExists"}});
    let uncommitted = |status: u16| put(json!({"answer": {"status": status}, "stored": "uncommitted"}));
    let lags = json!({"on": {"route": "status"}, "do": {"lagFragments": 1}});
    let none = json!({});
    vec![
        ("100 Continue", json!([put(json!({"continue": true}))]), none.clone()),
        (
            "lost answer, then the position lags",
            json!([put(json!({"reset": "after-store"})), lags]),
            none.clone(),
        ),
        (
            "503 not stored, then the position lags",
            json!([put(json!({"answer": {"status": 503}})), lags]),
            none.clone(),
        ),
        (
            "lost answer, and asking fails 3 times",
            json!([
                put(json!({"reset": "after-store"})),
                {"on": {"route": "status", "times": 3}, "do": {"answer": {"status": 503}}},
            ]),
            none.clone(),
        ),
        (
            "expired, and a stub blocks the name",
            json!([put(expired), {"on": {"route": "create", "times": 2}, "do": stub}]),
            none.clone(),
        ),
        ("409 at the commit", json!([uncommitted(409)]), none.clone()),
        ("500 at the commit", json!([uncommitted(500)]), none.clone()),
        ("507 at the commit", json!([uncommitted(507)]), none.clone()),
        (
            "404 for ever",
            json!([{"on": {"route": "put", "times": 0}, "do": {"answer": {"status": 404, "code": "itemNotFound"}}}]),
            none.clone(),
        ),
        ("404 until created again", json!([]), json!({"deadSessions": 1})),
        (
            "the token for Graph runs out",
            json!([{"on": {"route": "put", "listener": "graph"}, "do": {"answer": {"status": 401, "code": "InvalidAuthenticationToken"}}}]),
            none.clone(),
        ),
        (
            "a budget that runs low",
            json!([put(json!({"headers": {"RateLimit-Remaining": "1", "RateLimit-Reset": "30"}}))]),
            none,
        ),
        (
            "partial bytes are kept",
            json!([put(json!({"reset": "body", "afterBytes": 70_001}))]),
            json!({"drive": {"keepPartial": true}}),
        ),
    ]
}

const FAMILIES: [(Family, u64, u64); 4] = [
    (Family::Drive, 4 * FRAGMENT_UNIT + 1, FRAGMENT_UNIT),
    (Family::Outlook, (3 << 20) + 7, 1_000_000),
    (Family::Todo, 1_000_001, 300_000),
    (Family::Print, 1_000_001, 300_000),
];

/// Plays one entry; says how it ended.
async fn play(
    family: Family,
    size: u64,
    chunk: u64,
    rules: &Value,
    config: &Value,
) -> Result<String, String> {
    let bench = Bench::with_config(config);
    let file = bench.file("a.bin", size);
    let session = bench.session(family, size).await;
    bench.script(rules.clone());
    let expected = sha256(&content(size));
    let outcome = match bench.upload(session.clone(), &file, chunk).await {
        Ok(_) => "arrived".to_owned(),
        Err(error) => {
            let kind = error.kind();
            if matches!(kind, Kind::Unexpected | Kind::Cancelled) {
                return Err(format!("an unclear error: {error}"));
            }
            if bench.sha256_of_stored() == [expected.clone()] {
                return Err(format!("an error though the file has arrived: {error}"));
            }
            bench.transport.service().clear_faults();
            // What began again is gone on with by its record.
            let again = match bench.on_record().first() {
                Some(id) => bench.resume(id).await,
                None => bench.upload(session, &file, chunk).await,
            };
            match again {
                Ok(_) => format!("{kind:?}, resumed"),
                Err(again) => return Err(format!("{kind:?}: {error}; not resumable: {again}")),
            }
        }
    };
    let stored = bench.sha256_of_stored();
    if stored != [expected] {
        return Err(format!("{outcome}, but {} files are stored", stored.len()));
    }
    let violations = bench.violations();
    if !violations.is_empty() {
        return Err(format!("{outcome}, but {violations:?}"));
    }
    if !bench.on_record().is_empty() {
        return Err(format!("{outcome}, but a record is left"));
    }
    let open = bench.transport.service().sessions().len();
    if open > 0 {
        return Err(format!("{outcome}, but {open} sessions are left open"));
    }
    Ok(outcome)
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_the_catalogue() {
    let single = catalogue().into_iter().map(|(name, action, times)| {
        (name, json!([{"on": {"route": "put", "times": times}, "do": action}]), json!({}))
    });
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (name, rules, config) in single.chain(composed()) {
        for (family, size, chunk) in FAMILIES {
            for part in ["first", "middle", "last"] {
                let mut rules = rules.clone();
                for rule in rules.as_array_mut().unwrap() {
                    if rule["on"]["route"] == "put" {
                        rule["on"]["part"] = part.into();
                    }
                }
                let result = play(family, size, chunk, &rules, &config).await;
                let row = format!("{name:40} {family:8?} {part:7} {}", result.as_ref().unwrap_or_else(|e| e));
                if result.is_err() {
                    failures.push(row.clone());
                }
                rows.push(row);
            }
        }
    }
    if std::env::var_os("MGUPLOAD_SHOW_MATRIX").is_some() {
        println!("{}", rows.join("\n"));
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rows.len(), failures.join("\n"));
}
