//! The fault matrix: every entry of the catalogue, for every back end, on the first, a middle and the last fragment.
//! Each ends in a file that arrived whole, or in a clear error with a session that can be gone on with, and then is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::support::{Bench, content, sha256};
use mg_upload::{FRAGMENT_UNIT, Family, Kind};
use serde_json::{Value, json};
use tokio::time::Instant;

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

/// How an entry has ended, and what it took until then.
#[derive(Debug)]
struct Played {
    outcome: String,
    requests: usize,
    seconds: u64,
}

/// Plays one entry; says how it ended.
async fn play(
    family: Family,
    size: u64,
    chunk: u64,
    rules: &Value,
    config: &Value,
) -> Result<Played, String> {
    let bench = Bench::with_config(config);
    let file = bench.file("a.bin", size);
    let session = bench.session(family, size).await;
    bench.script(rules.clone());
    bench.transport.service().forget_requests();
    let expected = sha256(&content(size));
    let started = Instant::now();
    let result = bench.upload(session.clone(), &file, chunk).await;
    let (requests, seconds) = (bench.transport.service().requests().len(), started.elapsed().as_secs());
    let outcome = match result {
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
    Ok(Played { outcome, requests, seconds })
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_the_catalogue() {
    let single = catalogue().into_iter().map(|(name, action, times)| {
        (name, json!([{"on": {"route": "put", "times": times}, "do": action}]), json!({}))
    });
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (name, rules, config) in single.chain(composed()) {
        let mut all = Vec::new();
        for (family, size, chunk) in FAMILIES {
            for part in ["first", "middle", "last"] {
                let mut rules = rules.clone();
                for rule in rules.as_array_mut().unwrap() {
                    if rule["on"]["route"] == "put" {
                        rule["on"]["part"] = part.into();
                    }
                }
                match play(family, size, chunk, &rules, &config).await {
                    Ok(played) => all.push(played),
                    Err(error) => failures.push(format!("{name} {family:?} {part}: {error}")),
                }
            }
        }
        let row = Row::of(name, &all);
        if let Err(error) = row.compare() {
            failures.push(error);
        }
        rows.push(row);
    }
    if std::env::var_os("MGUPLOAD_SHOW_MATRIX").is_some() {
        rows.iter().for_each(|row| println!("    {row:?},"));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(rows.len(), EXPECTED.len());
}

/// What became of one entry, over all back ends and parts of the file: its name, how it ended, the most requests that it took
/// after the session was made, and the most seconds.
#[derive(Debug, PartialEq)]
struct Row<'a>(&'a str, Cow<'a, str>, usize, u64);

impl<'a> Row<'a> {
    fn of(name: &'a str, all: &[Played]) -> Row<'a> {
        let outcomes: BTreeSet<_> = all.iter().map(|played| played.outcome.as_str()).collect();
        let outcome = outcomes.into_iter().collect::<Vec<_>>().join("; ");
        let requests = all.iter().map(|played| played.requests).max().unwrap_or(0);
        let seconds = all.iter().map(|played| played.seconds).max().unwrap_or(0);
        Row(name, outcome.into(), requests, seconds)
    }

    /// Pauses are drawn at random: of their sum only the most is known.
    fn compare(&self) -> Result<(), String> {
        let Some(expected) = EXPECTED.iter().find(|row| row.0 == self.0) else {
            return Err(format!("not expected: {self:?}"));
        };
        let Row(_, outcome, requests, seconds) = expected;
        if (outcome, requests) == (&self.1, &self.2) && self.3 <= *seconds {
            return Ok(());
        }
        Err(format!("{self:?} instead of {expected:?}"))
    }
}

const fn row(name: &'static str, outcome: &'static str, requests: usize, seconds: u64) -> Row<'static> {
    Row(name, Cow::Borrowed(outcome), requests, seconds)
}

/// `MGUPLOAD_SHOW_MATRIX` prints what is.
const EXPECTED: &[Row<'static>] = &[
    row("reset before headers", "arrived", 7, 1),
    row("reset before headers, 3 times", "arrived", 11, 7),
    row("reset in the body", "arrived", 7, 1),
    row("reset after storing", "arrived", 7, 1),
    row("answer cut in half", "arrived", 7, 1),
    row("stall of 30 s", "arrived", 5, 30),
    row("stall beyond all patience", "arrived", 7, 121),
    row("connection closed after the answer", "arrived", 5, 0),
    row("408", "arrived", 7, 1),
    row("429 without Retry-After", "arrived", 6, 1),
    row("429 with Retry-After", "arrived", 7, 60),
    row("429 in lower case", "arrived", 6, 7),
    row("429 with a date", "arrived", 6, 21),
    row("500", "arrived", 7, 1),
    row("502", "arrived", 9, 3),
    row("503 not stored", "arrived", 7, 5),
    row("503 stored", "arrived", 7, 1),
    row("504", "arrived", 7, 1),
    row("504 stored", "arrived", 7, 1),
    row("509", "arrived", 7, 1),
    row("404 once", "arrived", 7, 5),
    row("400 upload session not found", "arrived", 7, 5),
    row("401 expiredToken", "arrived", 13, 0),
    row("403", "Forbidden, resumed", 5, 0),
    row("409 nameAlreadyExists", "Conflict, resumed", 5, 0),
    row("409 resourceModified", "arrived", 12, 0),
    row("412", "Conflict, resumed", 5, 0),
    row("413", "InvalidInput, resumed; arrived", 8, 0),
    row("416 spurious", "arrived", 7, 0),
    row("423", "arrived", 9, 3),
    row("507", "QuotaExceeded, resumed", 5, 0),
    row("HTML", "arrived", 7, 1),
    row("HTML, stored", "arrived", 7, 1),
    row("empty 200", "arrived", 7, 1),
    row("empty 202, stored", "arrived", 7, 1),
    row("JSON cut short", "arrived", 7, 1),
    row("redirect", "arrived", 6, 0),
    row("redirect 308", "arrived", 6, 0),
    row("100 Continue", "arrived", 5, 0),
    row("lost answer, then the position lags", "arrived", 8, 3),
    row("503 not stored, then the position lags", "arrived", 15, 7),
    row("lost answer, and asking fails 3 times", "arrived", 10, 10),
    row("expired, and a stub blocks the name", "arrived", 15, 15),
    row("409 at the commit", "Conflict, resumed; arrived", 5, 0),
    row("500 at the commit", "arrived", 12, 1),
    row("507 at the commit", "QuotaExceeded, resumed; arrived", 5, 0),
    row("404 for ever", "SessionExpired, resumed", 36, 24),
    row("404 until created again", "arrived", 14, 5),
    row("the token for Graph runs out", "Unauthenticated, resumed; arrived", 5, 0),
    row("a budget that runs low", "arrived", 5, 30),
    row("partial bytes are kept", "arrived", 7, 1),
];
