//! Print jobs: made, fed, started; and what of them is left when that fails.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mg_upload::print_job::{NewJob, Printed, Printer};
use mg_upload::{Error, Failure, Kind, Progress, UploadOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, content, sha256};

async fn print(bench: &Bench, job: Value, path: &Path) -> Result<Printed, Failure> {
    let job: NewJob = serde_json::from_value(job).unwrap();
    let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
    bench.client.print(&job, path, UploadOptions::default(), progress, &cancel).await
}

async fn state(bench: &Bench, job: &str) -> Value {
    let printer = Printer::ShareId("s".into());
    bench.client.print_state(&printer, job, &Progress::default()).await.unwrap()["state"].clone()
}

fn posts(bench: &Bench) -> Vec<String> {
    let service = bench.transport.service();
    let posts = service.requests().iter().filter(|one| one.method == "POST");
    posts.map(|one| one.target.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_job_is_made_fed_and_started() {
    for (job, config) in [
        (json!({ "shareId": "s", "name": "a.pdf" }), json!({})),
        (
            json!({ "shareId": "s", "name": "a.pdf" }),
            json!({ "contentTypes": ["image/png", "application/pdf"] }),
        ),
        (json!({ "shareId": "s", "name": "a.pdf" }), json!({ "jobsWithoutDocuments": true })),
        (json!({ "shareId": "s", "name": "a.pdf" }), json!({ "hidesCapabilities": true })),
        (json!({ "printerId": "p", "name": "a.pdf", "configuration": { "copies": 2 } }), json!({})),
    ] {
        let bench = Bench::with_config(&json!({ "print": config }));
        let path = bench.file("x", 20_000_000);
        let printed = print(&bench, job.clone(), &path).await.unwrap();
        assert_eq!(printed.status["state"], "pending", "{job}");
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(20_000_000))]);
        assert_eq!(posts(&bench), ["jobs", "microsoft.graph.createUploadSession", "start"]);
        assert!(bench.on_record().is_empty() && bench.violations().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_comes_to_its_end() {
    let bench = Bench::with_config(&json!({ "print": { "jobSeconds": 5, "jobEnd": "aborted" } }));
    let path = bench.file("x", 10);
    let printed = print(&bench, json!({ "shareId": "s", "name": "a.pdf" }), &path).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(state(&bench, &printed.job).await, "processing");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(state(&bench, &printed.job).await, "aborted");
}

#[tokio::test(start_paused = true)]
async fn what_the_printer_does_not_take_makes_no_job() {
    let bench = Bench::with_config(&json!({ "print": { "contentTypes": ["application/pdf"] } }));
    let path = bench.file("x", 10);
    let error = print(&bench, json!({ "shareId": "s", "name": "a.docx" }), &path).await.unwrap_err();
    assert!(matches!(error.error, Error::Unfit { reason: "contentType", .. }), "{error}");
    assert!(error.to_string().contains("application/pdf"), "{error}");
    let empty = bench.file("empty", 0);
    let error = print(&bench, json!({ "shareId": "s", "name": "a.pdf" }), &empty).await.unwrap_err();
    assert!(matches!(error.error, Error::WrongSize { too_large: false, .. }), "{error}");
    let missing = print(&bench, json!({ "shareId": "missing", "name": "a.pdf" }), &path).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
    assert!(posts(&bench).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_comes_to_nothing_is_cancelled() {
    let bench = Bench::with_config(&json!({}));
    let path = bench.file("x", 10);
    bench.script(json!([{ "on": { "method": "PUT" }, "do": { "answer": { "status": 403 } } }]));
    let failure = print(&bench, json!({ "shareId": "s", "name": "a.pdf" }), &path).await.unwrap_err();
    assert_eq!((failure.kind(), failure.open), (Kind::Forbidden, None));
    assert_eq!(posts(&bench), ["jobs", "microsoft.graph.createUploadSession", "cancel"]);
    assert!(bench.on_record().is_empty(), "its session went with it");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_start_is_looked_up() {
    for (fault, starts) in [
        (json!({ "reset": "after-store" }), 1),
        (json!({ "answer": { "status": 504 }, "stored": true }), 1),
        (json!({ "answer": { "status": 409 }, "stored": true }), 1),
        (json!({ "reset": "before" }), 2),
        (json!({ "answer": { "status": 503 } }), 2),
    ] {
        let bench = Bench::with_config(&json!({}));
        let path = bench.file("x", 10);
        let third = json!({ "route": "item", "method": "POST", "nth": 2 });
        bench.script(json!([{ "on": third, "do": fault }]));
        let printed = print(&bench, json!({ "shareId": "s", "name": "a.pdf" }), &path).await;
        assert_ne!(printed.unwrap().status["state"], "paused", "{fault}");
        let started = posts(&bench).iter().filter(|one| *one == "start").count();
        assert_eq!(started, starts, "{fault}");
    }
}
