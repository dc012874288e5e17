//! Whole trees: they arrive byte by byte, a second run sends nothing, and neither kills nor faults nor shards change that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use graph_standin::Config;
use mg_upload::journal::{Job, TreeEntry};
use mg_upload::{Client, Error, Failure, Kind, Progress, Rows, Sent, Taken, TreeRequest};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, InProcess, client, content};

/// A run with all its rows.
pub struct Ran {
    pub sent: Result<Sent, Failure>,
    pub rows: Vec<Value>,
    pub progress: Arc<Progress>,
}

impl Ran {
    /// The rows' members of this name, by the file's path at the destination.
    pub fn by_destination(&self, member: &str) -> BTreeMap<String, Value> {
        let pair = |row: &Value| (row["destination"].as_str().unwrap().to_owned(), row[member].clone());
        let all: BTreeMap<_, _> = self.rows.iter().map(pair).collect();
        assert_eq!(all.len(), self.rows.len(), "each file has one row");
        all
    }

    pub fn count(&self, status: &str) -> usize {
        self.rows.iter().filter(|row| row["status"] == status).count()
    }

    /// The row of a file that failed or was left out, in a word.
    pub fn reason(&self, destination: &str) -> String {
        let row = self.rows.iter().find(|row| row["destination"] == destination);
        let row = row.unwrap_or_else(|| panic!("{destination} has no row: {:#?}", self.rows));
        format!("{} {}", row["status"].as_str().unwrap(), row["reason"].as_str().unwrap_or("-"))
    }
}

pub async fn send(client: &Client<InProcess>, request: &Value) -> Ran {
    let request = TreeRequest::from_json(&request.to_string()).unwrap();
    let (rows, progress, cancel) = (Rows::default(), Arc::new(Progress::default()), CancellationToken::new());
    let work = async {
        let sent = client.send_tree(&request, &progress, &rows, &cancel).await;
        rows.end();
        sent
    };
    let (sent, taken) = tokio::join!(work, take_all(&rows));
    Ran { sent, rows: taken, progress }
}

/// Goes on with a job that is on record.
async fn resume(client: &Client<InProcess>, id: &str) -> Ran {
    let (rows, progress, cancel) = (Rows::default(), Arc::new(Progress::default()), CancellationToken::new());
    let work = async {
        let sent = client.resume_tree(id, &progress, &rows, &cancel).await;
        rows.end();
        sent
    };
    let (sent, taken) = tokio::join!(work, take_all(&rows));
    Ran { sent, rows: taken, progress }
}

/// The jobs on record, and what of each was done.
async fn jobs(client: &Client<InProcess>) -> Vec<(Job, u64)> {
    let open = client.open_trees().await.unwrap().into_iter().map(|entry| match entry {
        TreeEntry::Open { job, standing, is_running: false } => {
            (*job, standing.map_or(0, |standing| standing.done))
        }
        other => panic!("{other:?}"),
    });
    open.collect()
}

async fn take_all(rows: &Rows) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        match rows.take(Duration::ZERO) {
            Taken::Row(row) => all.push(serde_json::from_str(&row).unwrap()),
            Taken::NotYet => tokio::time::sleep(Duration::from_millis(5)).await,
            Taken::End => return all,
        }
    }
}

pub fn request(folder: &Path) -> Value {
    json!({
        "sources": [{ "path": folder.join("Reports") }],
        "recurse": true,
        "destination": { "driveId": "d", "path": "Archive/2026" },
    })
}

/// A request with further members.
pub fn with(mut request: Value, more: &Value) -> Value {
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// Files of many kinds, and what they hold, by their paths below the tree's folder.
pub fn plant(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all: Vec<(String, u64)> = vec![
        ("top.txt".into(), 3),
        ("empty.bin".into(), 0),
        ("large.bin".into(), 11 * 1024 * 1024 + 17),
        ("exact.bin".into(), 320 * 1024),
        ("a/deep/er/and/deeper/still.txt".into(), 5),
        ("names/100% #1 & more (2)+.txt".into(), 12),
        ("names/caf\u{e9}.txt".into(), 7),
        ("names/日本語/ファイル.txt".into(), 8),
        ("names/'quoted'.txt".into(), 9),
        ("names/.hidden".into(), 2),
    ];
    all.extend((0..60).map(|number| (format!("many/{}/file {number}.dat", number % 7), 1000 + number)));
    let planted = all.into_iter().map(|(path, length)| {
        let file = root.join(&path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let bytes = content(length);
        std::fs::write(file, &bytes).unwrap();
        (path, bytes)
    });
    // On Windows files are hidden by an attribute, which this one has not.
    planted.filter(|(path, _)| cfg!(windows) || !path.contains("/.")).collect()
}

/// What the drive holds below a folder, by path.
pub fn stored(transport: &InProcess, below: &str) -> BTreeMap<String, Vec<u8>> {
    let service = transport.service();
    let files = service.files().iter().filter_map(|file| {
        let path = file.path.strip_prefix(&format!("d:/{below}/"))?;
        Some((path.to_owned(), file.bytes.clone().unwrap_or_default()))
    });
    files.collect()
}

pub fn bench(config: &Value) -> Bench {
    let base = Config::default().merged(&json!({ "keepBytes": true, "drive": { "implicitFolders": false } }));
    Bench::new(base.unwrap().merged(config).unwrap())
}

pub fn root(bench: &Bench) -> PathBuf {
    bench.folder.path().join("Reports")
}

#[tokio::test(start_paused = true)]
async fn a_tree_arrives_byte_by_byte_and_again_nothing_is_sent() {
    for config in [
        json!({}),
        json!({"drive": {"kind": "personal"}}),
        json!({"drive": {"pageSize": 3}}),
        json!({"drive": {"largestListing": 5}}),
    ] {
        let bench = bench(&config);
        let planted = plant(&root(&bench));
        let request = request(bench.folder.path());
        let first = send(&bench.client, &request).await;
        let sums = first.sent.as_ref().unwrap().tally;
        assert_eq!(
            (sums.uploaded, sums.failed, first.rows.len()),
            (planted.len() as u64, 0, planted.len()),
            "{:#?}",
            first.rows
        );
        assert!(stored(&bench.transport, "Archive/2026/Reports") == planted, "{config}");
        assert_eq!(bench.violations(), [""; 0]);
        let counters = first.progress.snapshot();
        let files = counters.files.unwrap();
        assert_eq!(
            (files.done, files.known, files.walked),
            (planted.len() as u64, planted.len() as u64, true)
        );
        let bytes: usize = planted.values().map(Vec::len).sum();
        assert_eq!((counters.done, counters.total), (bytes as u64, bytes as u64));
        assert!(bench.on_record().is_empty() && bench.transport.service().sessions().is_empty());

        bench.transport.service().forget_requests();
        let again = send(&bench.client, &request).await;
        assert_eq!(again.count("unchanged"), planted.len(), "{:#?}", again.rows);
        let asked: BTreeSet<String> =
            bench.transport.service().requests().iter().map(|asked| asked.method.clone()).collect();
        assert_eq!(asked, ["GET".to_owned()].into(), "{config}");
        assert_eq!(again.sent.as_ref().unwrap().tally.folders_made, 0);
        let rows = first.by_destination("itemId");
        assert_eq!(rows, again.by_destination("itemId"), "the same items");
        assert!(rows.values().all(Value::is_string));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_killed_is_gone_on_with() {
    for seed in 0..2 {
        let mut bench = bench(&json!({}));
        let planted = plant(&root(&bench));
        let request = request(bench.folder.path());
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..10 {
            let life = Duration::from_millis(random.u64(1..25));
            let _ = tokio::time::timeout(life, send(&bench.client, &request)).await;
            bench.restart();
        }
        let last = send(&bench.client, &request).await;
        assert_eq!((last.count("failed"), last.rows.len()), (0, planted.len()), "{seed}: {:#?}", last.rows);
        assert!(stored(&bench.transport, "Archive/2026/Reports") == planted, "{seed}");
        assert!(bench.on_record().is_empty(), "{seed}");
        // What was answered counts: of a request that a kill has broken off nobody knows what has arrived.
        let service = bench.transport.service();
        let answered =
            service.requests().iter().filter(|asked| asked.method == "PUT" && asked.status.is_some());
        let large: u64 = answered.map(|asked| asked.body_bytes).sum();
        let whole: usize = planted.values().map(Vec::len).sum();
        assert!(large < 2 * whole as u64, "{seed}: {large} bytes were sent for {whole}");
    }
}

#[tokio::test(start_paused = true)]
async fn faults_of_one_request_in_twenty_lose_nothing() {
    for seed in 0..4 {
        let bench = bench(&json!({}));
        let planted = plant(&root(&bench));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rules = Vec::new();
        for nth in 1..600u64 {
            if random.u32(0..20) == 0 {
                let action = match random.u32(0..6) {
                    0 => json!({ "reset": "before" }),
                    1 => json!({ "reset": "after-store" }),
                    2 => json!({ "answer": { "status": 503 } }),
                    3 => json!({ "answer": { "status": 500 } }),
                    4 => json!({ "answer": { "status": 429, "headers": { "Retry-After": "2" } } }),
                    _ => json!({ "cutAnswer": true }),
                };
                rules.push(json!({ "on": { "nth": nth }, "do": action }));
            }
        }
        bench.script(json!(rules));
        let ran = send(&bench.client, &request(bench.folder.path())).await;
        assert_eq!(
            (ran.count("failed"), ran.rows.len()),
            (0, planted.len()),
            "{seed}: {:#?}",
            ran.rows.iter().filter(|row| row["status"] == "failed").collect::<Vec<_>>()
        );
        assert!(stored(&bench.transport, "Archive/2026/Reports") == planted, "{seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn four_shards_at_once_send_every_file_once() {
    let bench = bench(&json!({}));
    let (planted, ran) = four_shards(&bench).await;
    let mut all = BTreeSet::new();
    for ran in &ran {
        assert!(ran.rows.iter().all(|row| row["status"] == "uploaded"), "{:#?}", ran.rows);
        assert!(ran.rows.len() < planted.len(), "each has a part");
        for row in &ran.rows {
            assert!(all.insert(row["destination"].as_str().unwrap().to_owned()), "{row} twice");
        }
    }
    assert_eq!(all.len(), planted.len());
    let filtered: u64 = ran.iter().map(|ran| ran.sent.as_ref().unwrap().tally.filtered).sum();
    assert_eq!(filtered, u64::from(!cfg!(windows)), "the hidden file, by one of them");
    assert!(stored(&bench.transport, "Archive/2026/Reports") == planted);
    assert_eq!(bench.violations(), [""; 0]);
}

/// A tree sent by four clients at once, and what is in it.
async fn four_shards(bench: &Bench) -> (BTreeMap<String, Vec<u8>>, Vec<Ran>) {
    let planted = plant(&root(bench));
    let clients: Vec<_> = (0..4)
        .map(|number| client(&bench.transport, &bench.folder.path().join(format!("state{number}"))))
        .collect();
    let requests: Vec<_> = (0..4)
        .map(|index| with(request(bench.folder.path()), &json!({ "shard": { "index": index, "count": 4 } })))
        .collect();
    let ran = futures_util::future::join_all(
        clients.iter().zip(&requests).map(|(client, request)| send(client, request)),
    )
    .await;
    (planted, ran)
}

#[tokio::test(start_paused = true)]
async fn a_cancel_leaves_what_can_be_gone_on_with() {
    let Stopped { bench, planted, id, progress } = cancelled().await;
    assert!(progress.running_files().is_empty());
    let left = jobs(&bench.client).await;
    assert_eq!((left.len(), &left[0].0.id), (1, &id), "it can be gone on with");
    let request = TreeRequest::from_json(&request(bench.folder.path()).to_string()).unwrap();
    assert_eq!(left[0].0.request, json!(request));
    assert_eq!(left[0].1, progress.snapshot().files.unwrap().done);
    let ran = resume(&bench.client, &id).await;
    assert!(jobs(&bench.client).await.is_empty());
    assert_eq!(ran.count("failed"), 0, "{:#?}", ran.rows);
    assert!(stored(&bench.transport, "Archive/2026/Reports") == planted);
    assert!(bench.on_record().is_empty());
}

/// A run that was cancelled while it sent.
struct Stopped {
    bench: Bench,
    planted: BTreeMap<String, Vec<u8>>,
    id: String,
    progress: Arc<Progress>,
}

async fn cancelled() -> Stopped {
    let bench = bench(&json!({"drive": {"sessionLife": "fixed7d"}}));
    let planted = plant(&root(&bench));
    let request = TreeRequest::from_json(&request(bench.folder.path()).to_string()).unwrap();
    let (rows, progress, cancel) = (Rows::default(), Arc::new(Progress::default()), CancellationToken::new());
    let stop = async {
        tokio::time::sleep(Duration::from_millis(15)).await;
        cancel.cancel();
    };
    let (sent, ()) = tokio::join!(bench.client.send_tree(&request, &progress, &rows, &cancel), stop);
    let Err(Failure { error: Error::Cancelled, open: Some(id) }) = sent else { panic!("{sent:?}") };
    Stopped { bench, planted, id, progress }
}

#[tokio::test(start_paused = true)]
async fn a_job_waits_for_its_sources_and_its_account() {
    let Stopped { bench, planted, id, .. } = cancelled().await;
    let (here, away) = (root(&bench), bench.folder.path().join("away"));
    let why = |ran: Ran| ran.sent.unwrap_err().error;
    std::fs::rename(&here, &away).unwrap();
    let failure = resume(&bench.client, &id).await.sent.unwrap_err();
    assert!(matches!(failure.error, Error::SourceMissing { .. }), "{failure:?}");
    assert_eq!(failure.open.as_ref(), Some(&id));
    std::fs::rename(&away, &here).unwrap();
    // The same words by another account lead to another drive.
    let jobs_folder = bench.folder.path().join("sessions/trees");
    let record = std::fs::read_dir(&jobs_folder).unwrap().flatten().map(|file| file.path());
    let record = record.into_iter().find(|path| path.extension().is_some_and(|own| own == "json")).unwrap();
    let text = std::fs::read_to_string(&record).unwrap();
    let count = || bench.transport.service().requests().iter().filter(|asked| asked.method != "GET").count();
    let sent = count();
    for (was, is, expected) in [
        (r#""driveId":"d","itemId""#, r#""driveId":"theirs","itemId""#, "another drive"),
        (
            &*format!(r#""endpoint":"{}""#, bench.client.endpoint()),
            r#""endpoint":"https://other.test""#,
            "other.test",
        ),
    ] {
        assert!(text.contains(was), "{text}");
        std::fs::write(&record, text.replace(was, is)).unwrap();
        let told = why(resume(&bench.client, &id).await);
        assert!(matches!(told, Error::InvalidInput(_)), "{expected}: {told:?}");
    }
    assert_eq!(count(), sent, "nothing was made or sent");
    std::fs::write(&record, text).unwrap();
    assert_eq!(resume(&bench.client, &id).await.count("failed"), 0);
    assert!(stored(&bench.transport, "Archive/2026/Reports") == planted);
    assert!(matches!(why(resume(&bench.client, &id).await), Error::UnknownId(_)));
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_on_with_what_is_left_of_its_sources() {
    let bench = bench(&json!({}));
    plant(&root(&bench));
    let other = bench.folder.path().join("other.txt");
    std::fs::write(&other, "x").unwrap();
    let sources = json!({ "sources": [{ "path": root(&bench) }, { "path": other }] });
    let request = with(request(bench.folder.path()), &sources);
    // A full drive ends the run.
    let full = json!({ "answer": { "status": 507, "code": "quotaLimitReached" } });
    bench.script(json!([{ "on": { "route": "put" }, "do": full }]));
    let id = send(&bench.client, &request).await.sent.unwrap_err().open.unwrap();
    std::fs::remove_file(&other).unwrap();
    let ran = resume(&bench.client, &id).await;
    assert_eq!(ran.sent.as_ref().unwrap().tally.failed, 1, "{:#?}", ran.rows);
    assert!(ran.count("failed") == 1 && ran.count("uploaded") > 0, "{:#?}", ran.rows);
}

/// What a record knows of is what there is: of a session that has come to its end nobody asks again.
#[tokio::test(start_paused = true)]
async fn a_job_knows_of_no_session_that_has_come_to_its_end() {
    let Stopped { bench, id, .. } = cancelled().await;
    bench.client.forget_tree(&id, &Progress::default()).await.unwrap();
    let service = bench.transport.service();
    let gone =
        service.requests().iter().filter(|asked| asked.method == "DELETE" && asked.status == Some(404));
    assert_eq!(gone.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_ended_with_its_file_is_not_ended_again() {
    let bench = bench(&json!({}));
    std::fs::create_dir_all(root(&bench)).unwrap();
    for name in ["a.txt", "b.txt"] {
        std::fs::write(root(&bench).join(name), "x").unwrap();
    }
    let full = json!({ "answer": { "status": 507, "code": "quotaLimitReached" } });
    bench.script(json!([
        { "on": { "route": "put", "nth": 1 }, "do": { "answer": { "status": 403, "code": "accessDenied" } } },
        { "on": { "route": "put", "nth": 2 }, "do": full },
    ]));
    let one = with(request(bench.folder.path()), &json!({ "throttleLimit": 1 }));
    let id = send(&bench.client, &one).await.sent.unwrap_err().open.unwrap();
    assert_eq!(bench.client.forget_tree(&id, &Progress::default()).await.unwrap(), 0);
    assert!(bench.transport.service().sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_given_up_holds_no_names() {
    let mut bench = bench(&json!({}));
    let here = root(&bench);
    std::fs::create_dir_all(&here).unwrap();
    (0..12).for_each(|number| std::fs::write(here.join(format!("{number}.txt")), "x").unwrap());
    let request = request(bench.folder.path());
    // The kill comes while they wait to send their bytes once more.
    bench.script(json!([{ "on": { "route": "put", "times": 20 }, "do": { "reset": "before" } }]));
    let _ = tokio::time::timeout(Duration::from_millis(300), send(&bench.client, &request)).await;
    bench.restart();
    let under_way = bench.transport.service().sessions().len();
    assert!(under_way > 0);
    let id = jobs(&bench.client).await[0].0.id.clone();
    // What cannot be ended now can be later.
    bench.script(json!([{ "on": { "method": "DELETE" }, "do": { "answer": { "status": 403 } } }]));
    let refused = bench.client.forget_tree(&id, &Progress::default()).await.unwrap_err();
    assert_eq!((refused.kind(), jobs(&bench.client).await.len()), (Kind::Forbidden, 1));
    assert_eq!(bench.client.forget_tree(&id, &Progress::default()).await.unwrap(), under_way);
    assert!(bench.transport.service().sessions().is_empty() && jobs(&bench.client).await.is_empty());
    let told = bench.client.forget_tree(&id, &Progress::default()).await;
    assert!(matches!(told, Err(Error::UnknownId(_))), "{told:?}");
    let ran = send(&bench.client, &request).await;
    assert_eq!((ran.count("uploaded"), ran.rows.len()), (12, 12), "{:#?}", ran.rows);
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_kept_and_one_pause_is_everybodys() {
    let bench = bench(&json!({ "unitsPerMinute": 60 }));
    let planted = plant(&root(&bench));
    let ran = send(&bench.client, &with(request(bench.folder.path()), &json!({ "throttleLimit": 16 }))).await;
    assert_eq!(ran.count("uploaded"), planted.len(), "{:#?}", ran.rows);
    few_were_refused(&bench, 10);
}

#[tokio::test(start_paused = true)]
async fn machines_share_a_budget() {
    let bench = bench(&json!({ "unitsPerMinute": 60 }));
    let (planted, ran) = four_shards(&bench).await;
    assert_eq!(ran.iter().map(|ran| ran.count("uploaded")).sum::<usize>(), planted.len());
    // None knows of the others: each may be refused once where one would be.
    few_were_refused(&bench, 5);
}

/// No more than one request of so many.
fn few_were_refused(bench: &Bench, many: usize) {
    let service = bench.transport.service();
    let refused = service.requests().iter().filter(|asked| asked.status == Some(429)).count();
    assert!(
        refused < service.requests().len() / many,
        "{refused} of {} were refused",
        service.requests().len()
    );
}
