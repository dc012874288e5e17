//! One file: compared where that takes reading it, and sent.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use futures_util::future::join_all;
use quick_xor_hash::matches;
use tokio::time::Instant;

use super::find::ends_all;
use super::found::{as_found, look};
use super::item::Item;
use super::patience::Tries;
use super::plan::{Decision, decide};
use super::row::Row;
use super::run::{Job, Open, Run};
use super::tally::Status;
use super::told::done;
use crate::engine::{UploadOptions, Uploaded};
use crate::error::{Error, Failure, Kind};
use crate::family::Family;
use crate::locked::locked;
use crate::net::Transport;
use crate::protocol::create::{describe, destination_of};
use crate::protocol::session::CreateRequest;
use crate::source::{FileSource, Opening};

/// After this long a session that nobody feeds has ended: OneDrive for Business keeps one for 15 minutes.
const HELD: Duration = Duration::from_secs(16 * 60);

/// Bytes that one request carries, where that is asked for: older pages of Graph's name no more.
const ONE_REQUEST: u64 = 4 * 1024 * 1024;

impl<T: Transport> Run<'_, T> {
    /// Sees a file through, and tells of it. The file's length, and the bytes sent for it, if it was sent.
    pub async fn settle(&self, mut job: Job) -> (u64, Option<u64>) {
        let started = Instant::now();
        let row = match self.bring(&mut job).await {
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
    async fn bring(&self, job: &mut Job) -> Result<Row, Error> {
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
            if error.kind() == Kind::SourceChanged && !std::mem::replace(&mut job.is_seen_again, true) {
                self.abandon(job).await;
                job.local = self.unless_cancelled(look(job.path.clone())).await?;
                same = None;
                continue;
            }
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
            self.unless_cancelled(self.pause(&mut tries, error, is_taken)).await?;
        }
    }

    /// Pauses until another try may succeed; a name that is taken may be free by then.
    async fn pause(&self, tries: &mut Tries, error: Error, is_taken: bool) -> Result<(), Error> {
        match is_taken {
            false => tries.again(&self.progress, error).await,
            true if tries.outlast(&self.progress, &error, self.name_patience()).await => Ok(()),
            true => Err(error),
        }
    }

    /// Work that a cancel may break off anywhere.
    pub async fn unless_cancelled<R>(
        &self,
        work: impl Future<Output = Result<R, Error>>,
    ) -> Result<R, Error> {
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
    pub async fn send_once(
        &self,
        job: &Job,
        decision: Decision,
        existing: Option<&Item>,
    ) -> Result<Row, Error> {
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
        if let Some(Open::OnRecord { id, path }) = &open
            && *path == job.path
        {
            match self.client.resume(id, options, Arc::clone(&progress), self.cancel).await {
                Err(failure) if failure.error.is_over() => {}
                uploaded => return self.ended(job, request, uploaded),
            }
        }
        if let Some(open) = &open {
            self.unless_cancelled(self.forget(open)).await?;
        }
        let is_small = self.notes.is_some() && job.local.length <= Family::Drive.profile().default_chunk;
        let created = self.client.make_session(&described, &progress, !is_small);
        let session = self.created(request, created).await?;
        if is_small {
            return self.send_small(job, request, session, progress).await;
        }
        let source = FileSource::open(&job.path, options.opening(), Arc::clone(&self.client.buffers));
        let source = (job.path.as_path(), as_found(job, source));
        let uploaded = self.client.upload_opened(session, source, options, progress, self.cancel).await;
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
                    self.open().insert(key, Open::OnRecord { id, path: job.path.clone() });
                }
                Err(error)
            }
        }
    }
}

/// Whether another session, or nobody knows what, has the name.
fn is_held(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| refusal.response.status == 409)
}
