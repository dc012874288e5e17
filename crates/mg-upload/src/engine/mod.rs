//! The upload itself: fragments sent in order, every failure looked up in `decide`, every position taken from the
//! service.

mod ask;
mod finish;
mod fragment;
mod late_hash;
mod outset;
mod pace;
mod position;
mod put;
mod record;
mod recover;
mod set_back;
mod standing;
mod step;
mod tries;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::client::Client;
use crate::error::{Error, Failure, Kind};
use crate::family::Family;
use crate::journal::Claim;
use crate::net::Transport;
use crate::progress::{Phase, Progress};
use crate::protocol::item::Integrity;
use crate::protocol::session::Session;
use crate::source::{FileSource, Opening, Released};
use crate::threads;

use standing::Known;
use upload::Upload;

/// How long an abandoned request may take to let go of the file, and the state folder to take the last note.
const RELEASE_LIMIT: Duration = Duration::from_secs(1);

/// How an upload is carried out. The defaults suit most callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadOptions {
    /// Fragment size in bytes, rounded down to the family's step; `None`: the family's default.
    pub chunk: Option<u64>,
    /// Attempts without progress before the upload is given up. A fragment taken, or 320 KiB of it, starts the count again.
    pub max_attempts: u32,
    /// All pauses together, the service's and our own.
    pub wait_budget: Duration,
    /// Leave a session that was created with `deferCommit` without its commit; else it is committed at the end.
    pub defer_commit: bool,
    /// Take the file's SHA-256 as well.
    pub sha256: bool,
    /// The file is a copy of bytes that come from elsewhere: another copy of the same bytes can go on in its place.
    pub is_copy: bool,
    /// Go on although the file is not the one that an earlier upload to this session has sent a part of.
    pub force: bool,
    /// Put the session on record, so that another process can go on with it. Without, nobody does, and nobody else feeds it.
    pub on_record: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        UploadOptions {
            chunk: None,
            max_attempts: 10,
            wait_budget: Duration::from_secs(60 * 60),
            defer_commit: false,
            sha256: false,
            is_copy: false,
            force: false,
            on_record: true,
        }
    }
}

impl UploadOptions {
    /// What the file is opened for.
    pub(crate) fn opening(self) -> Opening {
        let UploadOptions { sha256, is_copy, on_record, .. } = self;
        Opening { sha256, is_copy, once: !on_record }
    }
}

/// A finished upload.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The file.
    pub path: PathBuf,
    /// Where it went.
    pub family: Family,
    /// Its length in bytes.
    pub length: u64,
    /// What the service returned for it, if it did.
    pub item: Option<Map<String, Value>>,
    /// `Location`: where Outlook and To Do put the attachment.
    pub location: Option<String>,
    /// The last answer's status; `None` where the item was found by looking for it.
    pub status: Option<u16>,
    /// The last answer's headers.
    pub headers: Vec<(String, String)>,
    /// Whether the item is in place; `false` where the commit was deferred.
    pub committed: bool,
    /// quickXorHash of the bytes sent, base64, where the family has it.
    pub hash: Option<String>,
    /// SHA-256 of the bytes sent, hex, where it was wanted.
    pub sha256: Option<String>,
    /// The hash that the service reports.
    pub service_hash: Option<String>,
    /// What comparing the two says.
    pub integrity: Integrity,
    /// From the start to the end.
    pub elapsed: Duration,
    /// What the caller should know all the same.
    pub warnings: Vec<String>,
}

/// Members of an upload's outcome that the last answer gives.
#[derive(Debug, Default)]
struct Outcome {
    item: Option<Map<String, Value>>,
    location: Option<String>,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    committed: bool,
}

impl<T: Transport> Client<T> {
    /// Uploads a file into a session, from where the service says it stands. On failure the session stays as it is,
    /// so that the upload can go on later; so it does when `cancel` is given, which ends with [`Error::Cancelled`], unless the
    /// file is in place already: then it only ends the wait for a late hash, and the outcome is the upload's.
    /// Either way nothing reads the file any more when this returns, and a failure tells under which id it is on record.
    pub async fn upload(
        &self,
        session: Session,
        path: &Path,
        options: UploadOptions,
        progress: Arc<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Uploaded, Failure> {
        let source = FileSource::open(path, options.opening(), Arc::clone(&self.buffers));
        self.upload_opened(session, (path, source), options, progress, cancel).await
    }

    /// The same with a file that is being opened, as [`UploadOptions::opening`] has it.
    pub(crate) async fn upload_opened(
        &self,
        session: Session,
        (path, source): (&Path, impl Future<Output = Result<(Arc<FileSource>, Released), Error>>),
        options: UploadOptions,
        progress: Arc<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Uploaded, Failure> {
        let prepare = async {
            self.check_reach(&session)?;
            let (source, released) = source.await?;
            Ok((Upload::new(self, session.clone(), source, options, Arc::clone(&progress))?, released))
        };
        let (mut upload, released) =
            match cancel.run_until_cancelled(prepare).await.unwrap_or(Err(Error::Cancelled)) {
                Ok(prepared) => prepared,
                Err(error) if !options.on_record => return Err(error.into()),
                Err(error) => {
                    let keep = record::keep(self, &session, path);
                    let open = tokio::time::timeout(RELEASE_LIMIT, keep).await.ok().flatten();
                    return Err(Failure { error, open });
                }
            };
        let result = match cancel.run_until_cancelled(upload.run()).await {
            Some(Ok(arrived)) => upload.sum_up(arrived, cancel).await,
            Some(Err(error)) => Err(error),
            None => Err(Error::Cancelled),
        };
        // INVARIANT: the right to feed the session is given back only when no request of this upload is under way.
        let (claim, source) = (upload.claim.take(), Arc::downgrade(&upload.source));
        let on_record = upload.on_record.take();
        let stored = (upload.standing.stored(), upload.total());
        // What it holds is not known to be this file's: a record must not say so to the next one that tries.
        let is_own = upload.standing.known != Known::Elsewhere;
        if result.is_err() && on_record.is_none() && upload.standing.reach > 0 && is_own {
            upload.remember(false);
        }
        drop(upload);
        if tokio::time::timeout(RELEASE_LIMIT, released).await.is_err() {
            warn!("a request, or a read, still holds the file");
            if let Some(source) = source.upgrade() {
                source.close();
            }
        }
        if result.is_err() {
            progress.set_position(stored.0, stored.1);
        }
        let kept = self.give_back(claim, &result, is_own);
        let kept = tokio::time::timeout(RELEASE_LIMIT, kept).await.unwrap_or(true);
        progress.enter(Phase::Done);
        result.map_err(|error| Failure { error, open: on_record.filter(|_| kept && is_own) })
    }

    /// Goes on with an upload that the journal has a record of, by the record's id: its file, its session, its fragment
    /// size. The file must be what it was (length, time, sampled blocks), unless `options.force` says that the caller knows
    /// better.
    pub async fn resume(
        &self,
        id: &str,
        options: UploadOptions,
        progress: Arc<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Uploaded, Failure> {
        let record = cancel.run_until_cancelled(self.record(id)).await.unwrap_or(Err(Error::Cancelled))?;
        let path = record.path.clone();
        if record.is_copy && !self.is_there(&path, cancel).await? {
            let why = "it was a copy of bytes that came from no file: send the same bytes to the same session again";
            return Err(Error::SourceMissing { path, why: why.into() }.into());
        }
        let options =
            UploadOptions { chunk: options.chunk.or(Some(record.chunk)), is_copy: record.is_copy, ..options };
        self.upload(Session::from(record), &path, options, progress, cancel).await
    }

    /// Gives the right to feed a session back, and leaves its record as the next process needs it; whether there is one.
    async fn give_back(&self, claim: Option<Claim>, result: &Result<Uploaded, Error>, is_own: bool) -> bool {
        let (Some(mut claim), Err(error)) = (claim, result) else { return true };
        // Nothing can be done with a session that is gone, and that nobody knows how to make again.
        let is_dead = matches!(error.kind(), Kind::SessionExpired | Kind::NotFound)
            && claim.record().is_some_and(|record| record.origin.is_none());
        let url = claim.record().map(|record| record.upload_url.clone()).unwrap_or_default();
        let left = self.gate.held(&url).map_or(Duration::ZERO, |held| held.after);
        let until = self.clock.now().saturating_add(left).unwrap_or(Timestamp::MAX);
        let done = threads::in_journal(move || match left {
            _ if is_dead => claim.forget(),
            _ if !is_own => claim.disown(),
            Duration::ZERO => claim.rewrite(),
            // Who goes on in another process must keep the pause that this one gave up at.
            _ => claim.note_pause(until),
        });
        if let Err(error) = done.await {
            warn!(%error, "the record stays as it was");
        }
        !is_dead
    }

    async fn is_there(&self, path: &Path, cancel: &CancellationToken) -> Result<bool, Error> {
        let path = path.to_owned();
        let look = threads::apart(&threads::FILES, move || path.exists());
        cancel.run_until_cancelled(look).await.unwrap_or(Err(Error::Cancelled))
    }
}
