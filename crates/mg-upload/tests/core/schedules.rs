//! Random schedules: sizes, fragments, up to twenty faults anywhere, the process killed at random points and begun again.
//! What is stored is always the file, or the outcome is an error and the upload can still be gone on with.
//! `MGUPLOAD_SCHEDULES` says how many.

use std::time::Duration;

use crate::support::{Bench, content, sha256};
use graph_standin::Config;
use mg_upload::{Error, FRAGMENT_UNIT, Family, Kind};
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
struct Schedule {
    family: Family,
    size: u64,
    chunk: u64,
    personal: bool,
    keep_partial: bool,
    faults: Vec<(u64, Value)>,
    /// Simulated milliseconds that each process lives.
    lives: Vec<u64>,
}

fn fault() -> impl Strategy<Value = Value> {
    let status = prop_oneof![Just(408), Just(429), Just(500), Just(502), Just(503), Just(504), Just(509)];
    prop_oneof![
        Just(json!({"reset": "before"})),
        (0u64..400_000).prop_map(|bytes| json!({"reset": "body", "afterBytes": bytes})),
        Just(json!({"reset": "after-store"})),
        Just(json!({"cutAnswer": true})),
        Just(json!({"close": true})),
        (1u64..200_000).prop_map(|millis| json!({"stallMillis": millis})),
        (status, 0u64..40, any::<bool>()).prop_map(|(status, after, stored)| {
            let headers = if after > 0 { json!({"Retry-After": after.to_string()}) } else { json!({}) };
            json!({"answer": {"status": status, "headers": headers}, "stored": stored && status != 429})
        }),
        Just(json!({"answer": {"status": 200, "body": "<html>"}})),
        Just(json!({"answer": {"status": 202}, "stored": true})),
        Just(json!({"answer": {"status": 416, "code": "invalidRange"}})),
        Just(json!({"lagFragments": 1})),
    ]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let family = prop_oneof![
        3 => Just(Family::Drive),
        1 => Just(Family::Outlook),
        1 => Just(Family::Todo),
        1 => Just(Family::Print),
    ];
    (family, 0u64..1_000_000, 1u64..4, any::<bool>(), any::<bool>()).prop_flat_map(
        |(family, extra, units, personal, keep_partial)| {
            let (size, chunk) = match family {
                Family::Drive => (1 + extra * 2, units * FRAGMENT_UNIT),
                Family::Outlook => ((3 << 20) + extra, units * 900_000),
                _ => (1 + extra, units * 150_000),
            };
            let faults = prop::collection::vec((1u64..6, fault()), 0..20);
            let lives = prop::collection::vec(1u64..20_000, 0..4);
            (faults, lives).prop_map(move |(faults, lives)| Schedule {
                family,
                size,
                chunk,
                personal,
                keep_partial,
                faults,
                lives,
            })
        },
    )
}

async fn play(schedule: &Schedule) -> Result<(), String> {
    let kind = if schedule.personal { "personal" } else { "business" };
    let config =
        json!({"drive": {"kind": kind, "sessionLife": "fixed7d", "keepPartial": schedule.keep_partial}});
    let mut bench = Bench::new(Config::default().merged(&config).unwrap());
    let file = bench.file("a.bin", schedule.size);
    let session = bench.session(schedule.family, schedule.size).await;
    let rules: Vec<Value> = schedule
        .faults
        .iter()
        .map(|(nth, action)| {
            let route = if action.get("lagFragments").is_some() { "status" } else { "put" };
            json!({"on": {"route": route, "nth": nth}, "do": action})
        })
        .collect();
    bench.script(json!(rules));

    let (mut arrived, mut killed) = (false, false);
    let mut first = true;
    let mut story = Vec::new();
    for life in schedule.lives.iter().map(|life| Some(*life)).chain([None, None, None]) {
        let on_record = bench.on_record();
        let work = async {
            match on_record.first() {
                Some(id) => bench.resume(id).await,
                None if first => bench.upload(session.clone(), &file, schedule.chunk).await,
                None => Err(Error::InvalidInput("nothing is on record".into())),
            }
        };
        let result = match life {
            Some(millis) => tokio::time::timeout(Duration::from_millis(millis), work).await.ok(),
            None => Some(work.await),
        };
        first = first && bench.on_record().is_empty() && bench.sha256_of_stored().is_empty();
        match result {
            Some(Ok(_)) => {
                arrived = true;
                break;
            }
            Some(Err(error)) if matches!(error.kind(), Kind::Unexpected | Kind::IntegrityMismatch) => {
                return Err(format!("{:?}: {error}", error.kind()));
            }
            // Killed, or an error after which the upload can be gone on with.
            ended => {
                // What a killed process has begun, its threads bring to an end: its record may go after it was listed.
                let is_gone = |error: &Error| error.kind() == Kind::InvalidInput;
                killed = ended.as_ref().is_none_or(|ended| killed && ended.as_ref().is_err_and(is_gone));
                story
                    .push(ended.and_then(Result::err).map_or("killed".to_owned(), |error| error.to_string()));
                bench.restart();
                // Killed once its record was done with, before anybody was told.
                arrived = killed && bench.on_record().is_empty() && !bench.sha256_of_stored().is_empty();
                if arrived {
                    break;
                }
            }
        }
    }
    let stored = bench.sha256_of_stored();
    let expected = sha256(&content(schedule.size));
    if stored.iter().any(|one| *one != expected) || arrived && stored.is_empty() || stored.len() > 1 {
        return Err(format!("arrived: {arrived}, stored: {stored:?}, expected {expected}"));
    }
    let mut violations = bench.violations();
    if schedule.family == Family::Print && !schedule.lives.is_empty() {
        // With several fragments under way, a process may be killed before it has noted what one answer asked for.
        violations.retain(|text| !text.contains("before Retry-After"));
    }
    if !violations.is_empty() {
        return Err(format!("{violations:?}"));
    }
    let (open, on_record) = (bench.transport.service().sessions().len(), bench.on_record().len());
    if open > 1 || open > on_record || arrived && on_record > 0 {
        return Err(format!("arrived: {arrived}, {open} sessions open, {on_record} on record"));
    }
    if !arrived {
        return Err(format!("it did not arrive in three more tries without a kill: {story:#?}"));
    }
    Ok(())
}

#[test]
fn random_schedules_lose_nothing() {
    let cases = std::env::var("MGUPLOAD_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(2000);
    let mut runner =
        TestRunner::new(Runs { cases, max_shrink_iters: 400, failure_persistence: None, ..Runs::default() });
    let result = runner.run(&schedule(), |schedule| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(play(&schedule)).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
