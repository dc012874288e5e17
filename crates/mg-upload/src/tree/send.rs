//! One file: compared where that takes reading it, sent, and told.

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::find::ends_all;
use super::patience::Tries;
use super::plan::{Decision, Local, Same, decide};
use super::remote::Item;
use super::row::Row;
use super::run::{Job, Open, Run};
use super::tally::Status;
use crate::engine::{UploadOptions, Uploaded};
use crate::error::graph_error::member;
use crate::error::{Error, Failure, Kind};
use crate::family::Family;
use crate::locked::locked;
use crate::net::Transport;
use crate::protocol::create::{describe, destination_of};
use crate::protocol::item::{Integrity, reported_hash, verdict};
use crate::protocol::place::encode;
use crate::protocol::quick_xor::{QuickXor, matches};
use crate::protocol::session::CreateRequest;
use crate::protocol::verdict::Purpose;
use crate::shown::{visible, visible_lines};
use crate::source::{FileSource, Opening};
use crate::threads::{self, FILES};

/// After this long a session that nobody feeds has ended: OneDrive for Business keeps one for 15 minutes.
const HELD: Duration = Duration::from_secs(16 * 60);

/// Bytes that one request carries, where that is asked for: older pages of Graph's name no more.
const ONE_REQUEST: u64 = 4 * 1024 * 1024;

impl<T: Transport> Run<'_, T> {
    /// Sees a file through, and tells of it. The file's length, and the bytes sent for it, if it was sent.
    pub async fn settle(&self, job: Job) -> (u64, Option<u64>) {
        let started = Instant::now();
        let row = match self.bring(&job).await {
            Ok(row) => row,
            // It is not settled: the next run goes on with it.
            Err(Error::Cancelled) => return (job.local.length, None),
            Err(error) if is_held(&error) && self.held().is_some() => {
                let length = job.local.length;
                self.held().iter_mut().for_each(|held| held.push(job.clone()));
                return (length, None);
            }
            Err(error) => {
                self.abandon_small(&job).await;
                let row = self.row(&job, Status::Failed).failed(&error);
                if ends_all(&error) {
                    self.give_up(error);
                }
                row
            }
        };
        let sent = (row.status == Status::Uploaded).then_some(row.length);
        self.tell(row.took(started.elapsed())).await;
        (job.local.length, sent)
    }

    /// Looks, compares, sends, as often as it takes: what was not listed may be there, and what fails may pass.
    async fn bring(&self, job: &Job) -> Result<Row, Error> {
        let mut existing = match self.unless_cancelled(self.existing(&job.folder, &job.name)).await? {
            Ok(existing) => existing,
            Err(why) => return Ok(self.row(job, Status::Failed).failed_as(why)),
        };
        let mut same = None;
        let (mut tries, before) = (Tries::default(), self.before(job));
        loop {
            let there = existing.as_ref().map(|item| item.there(self.root.kind));
            let decision = decide(job.local, there.as_ref(), before.as_ref(), same, self.wish);
            match decision {
                Decision::Hash => {
                    let told = there.and_then(|there| there.hash).unwrap_or_default();
                    same = Some(self.unless_cancelled(self.has_hash(job, &told)).await?);
                    continue;
                }
                Decision::Send | Decision::Replace | Decision::Rename if !self.request.dry_run => {}
                _ => {
                    if matches!(decision, Decision::Unchanged(_)) {
                        self.abandon(job).await;
                    }
                    return Ok(self.settled(job, existing.as_ref(), decision));
                }
            }
            let error = match self.send(job, decision, existing.as_ref()).await {
                Ok(row) => return Ok(row),
                Err(error) => error,
            };
            if tries.is_answer(&error) {
                return Err(error);
            }
            let is_taken = error.kind() == Kind::Conflict
                && error.response().is_some_and(|response| response.status == 409);
            if is_taken && decision == Decision::Send {
                existing = self.unless_cancelled(self.find_file(job)).await?;
                if existing.is_some() {
                    continue;
                }
            }
            let pause = async {
                match is_taken {
                    false => tries.again(&self.progress, error).await,
                    true if tries.outlast(&self.progress, &error, self.name_patience()).await => Ok(()),
                    true => Err(error),
                }
            };
            self.unless_cancelled(pause).await?;
        }
    }

    /// Work that a cancel may break off anywhere.
    async fn unless_cancelled<R>(&self, work: impl Future<Output = Result<R, Error>>) -> Result<R, Error> {
        self.cancel.run_until_cancelled(work).await.unwrap_or(Err(Error::Cancelled))
    }

    /// How long a name is waited for that a session holds: the other files come first.
    fn name_patience(&self) -> Duration {
        if self.held().is_some() { Duration::from_secs(2) } else { HELD }
    }

    fn held(&self) -> MutexGuard<'_, Option<Vec<Job>>> {
        locked(&self.held)
    }

    /// The files whose names were held, once all others are through: a session that nobody feeds ends by itself.
    pub async fn settle_held(&self) {
        let held = self.held().take().unwrap_or_default();
        if !self.stop.is_cancelled() {
            join_all(held.into_iter().map(|job| self.settle(job))).await;
        }
    }

    async fn find_file(&self, job: &Job) -> Result<Option<Item>, Error> {
        match job.folder.id() {
            Some(folder) => self.remote.find(&self.root.drive, folder, &job.name).await,
            None => Ok(None),
        }
    }

    /// Whether the file here has the hash that the service tells of the one there.
    async fn has_hash(&self, job: &Job, told: &str) -> Result<bool, Error> {
        let buffers = Arc::clone(&self.client.buffers);
        let (source, _released) = FileSource::open(&job.path, Opening::default(), buffers).await?;
        source.hash_up_to(source.len()).await?;
        Ok(source.len() == job.local.length && matches(told, &source.hash().quick_xor.digest()))
    }

    /// Sends a file once: on from what an earlier try has left, or from the start.
    async fn send(&self, job: &Job, decision: Decision, existing: Option<&Item>) -> Result<Row, Error> {
        let Some(folder) = job.folder.id() else {
            return Err(Error::Unexpected("a file without a folder there".into()));
        };
        if job.local.length == 0 || !self.request.keeps_time() && job.local.length <= ONE_REQUEST {
            return self.unless_cancelled(self.put_whole(job, folder, decision, existing)).await;
        }
        let described =
            describe(self.create_request(job, folder, decision, existing)?, self.client.endpoint())?;
        let request = &described.request;
        let progress = self.progress.part();
        let _under_way = self.progress.files().begin(&job.path, job.local.length, &progress);
        let options = UploadOptions::default();
        let open = self.take_open(request);
        if let Some(Open::OnRecord(id)) = &open {
            match self.client.resume(id, options, Arc::clone(&progress), self.cancel).await {
                Err(failure) if is_over(&failure.error) => {}
                uploaded => return self.ended(job, request, uploaded),
            }
        }
        if let Some(open) = &open {
            self.unless_cancelled(self.forget(open)).await?;
        }
        let is_small = self.notes.is_some() && job.local.length <= Family::Drive.profile().default_chunk;
        let created = self.client.make_session(&described, &progress, !is_small);
        let session = self.unless_cancelled(created).await?.session()?;
        if is_small {
            return self.send_small(job, request, session, progress).await;
        }
        let uploaded = self.client.upload(session, &job.path, options, progress, self.cancel).await;
        self.ended(job, request, uploaded)
    }

    /// What an upload has come to.
    pub fn ended(
        &self,
        job: &Job,
        request: &CreateRequest,
        uploaded: Result<Uploaded, Failure>,
    ) -> Result<Row, Error> {
        match uploaded {
            Ok(uploaded) => {
                self.sent(job);
                Ok(done(self.row(job, Status::Uploaded), &uploaded))
            }
            Err(Failure { error, open }) => {
                if let (Some(id), Some(key)) = (open, destination_of(request)) {
                    self.open().insert(key, Open::OnRecord(id));
                }
                Err(error)
            }
        }
    }

    /// Sends a file with one request, which carries no time: an empty one, for sessions carry none, and a small one whose
    /// time is waived.
    async fn put_whole(
        &self,
        job: &Job,
        folder: &str,
        decision: Decision,
        existing: Option<&Item>,
    ) -> Result<Row, Error> {
        let (behavior, purpose) = match decision {
            Decision::Replace => ("replace", Purpose::Replace),
            Decision::Rename => ("rename", Purpose::Commit),
            _ => ("fail", Purpose::Commit),
        };
        let bytes = read_whole(job.path.clone(), job.local).await?;
        let mut hash = QuickXor::default();
        hash.update(&bytes);
        let query = format!("@microsoft.graph.conflictBehavior={}", encode(behavior));
        let path = self.remote.path(&self.root.drive, folder, &[&job.name], "/content", &query);
        let mut headers = vec![("content-type".to_owned(), "application/octet-stream".to_owned())];
        headers.extend(self.if_match(decision, existing));
        let item = self.remote.put(&path, &headers, bytes, purpose).await?;
        let integrity = verdict(&item, &hash);
        if integrity == Integrity::Mismatch {
            let reported = reported_hash(&item).map_or_else(|| "of another size".to_owned(), visible);
            return Err(Error::IntegrityMismatch { item, sent: hash.base64(), reported });
        }
        self.sent(job);
        let row = Row { integrity: Some(integrity), ..self.row(job, Status::Uploaded).made(&item) };
        Ok(match self.set_time(job, &item).await {
            Ok(()) => row,
            Err(error) => {
                let why = format!("the file has the time of its upload: {error}");
                Row { warnings: vec![visible_lines(&why)], ..row }
            }
        })
    }

    /// Gives an empty file its time, where that is asked for in so many words: it takes a request of its own, and SharePoint
    /// counts another version, of no bytes.
    async fn set_time(&self, job: &Job, item: &Map<String, Value>) -> Result<(), Error> {
        let wanted = job.local.modified.filter(|_| self.request.preserve_time == Some(true));
        let (Some(time), Some(id)) = (wanted, member(item, "id").and_then(Value::as_str)) else {
            return Ok(());
        };
        self.remote.set_time(&self.root.drive, id, &whole_seconds(time)).await
    }

    /// The condition under which a file is replaced: that it is the one that was seen.
    fn if_match(&self, decision: Decision, existing: Option<&Item>) -> Option<(String, String)> {
        let seen = existing.filter(|_| decision == Decision::Replace && !self.request.force);
        Some(("if-match".to_owned(), seen?.e_tag.clone()?))
    }

    pub fn create_request(
        &self,
        job: &Job,
        folder: &str,
        decision: Decision,
        existing: Option<&Item>,
    ) -> Result<CreateRequest, Error> {
        let behavior = match decision {
            Decision::Replace => "replace",
            Decision::Rename => "rename",
            _ => "fail",
        };
        // In this order: services have refused a body whose annotation does not come first.
        let mut item = Map::new();
        item.insert("@microsoft.graph.conflictBehavior".into(), json!(behavior));
        item.insert("name".into(), json!(job.name));
        if let Some(time) = job.local.modified.filter(|_| self.request.keeps_time()) {
            item.insert("fileSystemInfo".into(), json!({ "lastModifiedDateTime": whole_seconds(time) }));
        }
        let body = RawValue::from_string(json!({ "item": item }).to_string())
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        let id = format!("{folder}:/{}:", job.name);
        let ids = [("DriveId".to_owned(), self.root.drive.clone()), ("DriveItemId".to_owned(), id)].into();
        let headers = self.if_match(decision, existing).into_iter().collect();
        Ok(CreateRequest { route: "MgDriveItemUploadSession".into(), ids, headers, body })
    }
}

/// What is told.
impl<T: Transport> Run<'_, T> {
    pub fn row(&self, job: &Job, status: Status) -> Row {
        Row::of(&job.path, self.shown(&job.folder.names, &job.name), &job.name, job.local.length, status)
    }

    /// A file for which nothing is to be sent, or nothing shall be.
    fn settled(&self, job: &Job, existing: Option<&Item>, decision: Decision) -> Row {
        let there = |row: Row| existing.map_or_else(|| row.clone(), |item| row.clone().at(item));
        let refused = |reason, why: &str| {
            let error =
                Error::NotSent { path: job.path.clone(), kind: Kind::Conflict, reason, why: why.to_owned() };
            there(self.row(job, Status::Failed)).failed(&error)
        };
        let would = |reason| there(self.row(job, Status::WouldUpload)).because(reason);
        match decision {
            Decision::Send => would("new"),
            Decision::Replace => would("replaces"),
            Decision::Rename => would("renamed"),
            // Its hash is only asked for by who sends.
            Decision::Hash => would("compared"),
            Decision::Unchanged(same) => there(self.row(job, Status::Unchanged)).because(same.reason()),
            Decision::Skip => there(self.row(job, Status::Skipped)).because("exists"),
            Decision::Exists => refused("exists", "another file of its name is at the destination"),
            Decision::Newer => refused("destinationNewer", "the file at the destination is newer"),
            Decision::Folder => refused("folderInPlace", "the destination has a folder of its name"),
        }
    }
}

impl Same {
    fn reason(self) -> &'static str {
        match self {
            Same::SizeAndTime => "sizeAndTime",
            Same::Hash => "hash",
            Same::SentBefore => "sentBefore",
            Same::Time => "time",
        }
    }
}

fn done(row: Row, uploaded: &Uploaded) -> Row {
    let row = match &uploaded.item {
        Some(item) => row.made(item),
        None => row,
    };
    let warnings = uploaded.warnings.iter().map(|warning| visible_lines(warning)).collect();
    Row { length: uploaded.length, integrity: Some(uploaded.integrity), warnings, ..row }
}

/// Whether another session, or nobody knows what, has the name.
fn is_held(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| refusal.response.status == 409)
}

/// Whether an upload on record cannot be gone on with, so that another begins.
fn is_over(error: &Error) -> bool {
    use Kind::{InvalidInput, NotFound, RangeRejected, SessionExpired, SourceChanged};
    matches!(error.kind(), SourceChanged | SessionExpired | NotFound | RangeRejected | InvalidInput)
}

/// All bytes of a small file that is what it was when it was found.
async fn read_whole(path: PathBuf, found: Local) -> Result<Bytes, Error> {
    threads::apart(&FILES, move || {
        let denied = |source| Error::SourceDenied { path: path.clone(), source };
        let bytes = std::fs::read(&path).map_err(denied)?;
        let modified = std::fs::metadata(&path).and_then(|now| now.modified()).map_err(denied)?;
        let same = Timestamp::try_from(modified).ok() == found.modified && bytes.len() as u64 == found.length;
        match same {
            true => Ok(Bytes::from(bytes)),
            false => Err(Error::SourceChanged {
                path: path.clone(),
                why: "it was written to since it was found".into(),
            }),
        }
    })
    .await?
}

/// A time as services keep it.
fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
