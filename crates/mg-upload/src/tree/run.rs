//! The run: one part finds files and sees what is to be done with them, the other sends several at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::folder::WithFiles;
use super::level::Level;
use super::plan::{Local, Wish};
use super::queue::is_large;
use super::remote::Remote;
use super::request::TreeRequest;
use super::resolve::Root;
use super::row::Row;
use super::rows::Rows;
use super::tally::Tally;
use crate::client::Client;
use crate::error::{Error, Failure, Kind};
use crate::journal::Notes;
use crate::locked::locked;
use crate::net::Transport;
use crate::progress::{Phase, Progress};
use crate::secret::Secret;

/// A tree that was sent, as far as it could be.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The sums.
    pub tally: Tally,
    /// Where it went.
    pub destination: Value,
    /// From the start to the end.
    pub elapsed: Duration,
}

impl Sent {
    /// The outcome as callers get it.
    pub fn report(&self, progress: &Progress) -> Value {
        let counters = progress.snapshot();
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        json!({
            "sums": self.tally,
            "files": self.tally.files(),
            "destination": self.destination,
            "bytesSent": counters.sent,
            "requests": counters.requests,
            "retries": counters.retries,
            "elapsedMillis": millis(self.elapsed),
            "throttledMillis": millis(counters.throttled),
        })
    }
}

/// A file that something is to be done with.
#[derive(Clone)]
pub(super) struct Job {
    pub path: PathBuf,
    /// Its folder there.
    pub folder: Arc<WithFiles>,
    pub name: String,
    pub local: Local,
    /// Whether it had been written to since it was found, and was looked at again.
    pub is_seen_again: bool,
}

/// Files by the ids of their folders: their names, and what they were.
pub(super) type Rewritten = HashMap<Arc<str>, Vec<(String, Local)>>;

/// An upload that was begun and has not come to its end.
pub(super) enum Open {
    /// It is on record, by its id, with the file that was sent: no other may be gone on with in its place.
    OnRecord { id: String, path: PathBuf },
    /// It has but a single fragment: nobody goes on with it.
    Small(Secret),
}

/// A run under way.
pub(super) struct Run<'c, T> {
    pub client: &'c Client<T>,
    pub request: &'c TreeRequest,
    pub wish: Wish,
    pub root: Root,
    pub remote: Remote<'c, T>,
    pub progress: Arc<Progress>,
    pub rows: &'c Rows,
    /// The caller's wish to stop.
    pub cancel: &'c CancellationToken,
    /// No further file is begun.
    pub stop: CancellationToken,
    pub fatal: Mutex<Option<Error>>,
    pub tally: Mutex<Tally>,
    pub board: Board<Job>,
    /// Files whose names were held by a session that nobody knows; none once they are waited for.
    pub held: Mutex<Option<Vec<Job>>>,
    /// Uploads that an earlier run has left, by where they go.
    pub open: Mutex<HashMap<String, Open>>,
    /// The job's record, where one can be kept.
    pub notes: Option<Arc<Notes>>,
    /// Files that were sent and that the service may write into: by their folders, with what they were.
    pub rewritten: Mutex<Rewritten>,
}

impl<T: Transport> Client<T> {
    /// Sends a tree. Each file that is settled is a row, told as soon as it is; a failed one is no failure of the whole. What
    /// ends the whole: no destination, no valid token, no space, a cancel. Whatever was sent stays, and the same again goes on,
    /// as does [`Client::resume_tree`] by the id that the failure has.
    pub async fn send_tree(
        &self,
        request: &TreeRequest,
        progress: &Arc<Progress>,
        rows: &Rows,
        cancel: &CancellationToken,
    ) -> Result<Sent, Failure> {
        let started = Instant::now();
        progress.files();
        progress.enter(Phase::Asking);
        let remote = Remote { client: self, progress: progress.part() };
        let resolve = remote.resolve(&request.destination, request.dry_run);
        let root = cancel.run_until_cancelled(resolve).await.unwrap_or(Err(Error::Cancelled))?;
        let notes = self.begin_job(request, &root).await?;
        let on_record = notes.as_ref().map(|notes| notes.id.clone());
        let mut open = self.open_files(request.dry_run).await?;
        // One that was cancelled before it began is on record as well.
        for (at, url) in notes.iter().flat_map(|notes| &notes.open) {
            open.entry(at.clone()).or_insert_with(|| Open::Small(url.clone()));
        }
        let run = Run {
            client: self,
            request,
            wish: Wish { if_exists: request.if_exists, force: request.force },
            open: Mutex::new(open),
            notes,
            rewritten: Mutex::default(),
            remote,
            progress: Arc::clone(progress),
            rows,
            cancel,
            stop: cancel.child_token(),
            fatal: Mutex::default(),
            tally: Mutex::new(Tally { folders_made: root.made, ..Tally::default() }),
            board: Board::default(),
            held: Mutex::new(Some(Vec::new())),
            root,
        };
        progress.enter(Phase::Sending);
        run.carry_out().await;
        progress.enter(Phase::Done);
        let fatal = run.fatal.into_inner().unwrap_or_else(PoisonError::into_inner);
        let failed = |error| Failure { error, open: on_record };
        match fatal {
            Some(error) => Err(failed(error)),
            None if cancel.is_cancelled() => Err(failed(Error::Cancelled)),
            None => Ok(Sent {
                tally: run.tally.into_inner().unwrap_or_else(PoisonError::into_inner),
                destination: run.root.report(),
                elapsed: started.elapsed(),
            }),
        }
    }
}

impl<T: Transport> Run<'_, T> {
    /// Finds files and sends them, and keeps the job's record meanwhile.
    async fn carry_out(&self) {
        let find = async {
            if let Some(Err(error)) = self.stop.run_until_cancelled(self.find()).await {
                self.give_up(error);
            }
            self.board.complete();
        };
        let over = CancellationToken::new();
        let work = async {
            tokio::join!(find, self.send_all());
            self.settle_held().await;
            over.cancel();
        };
        tokio::join!(work, self.note_standing(&over));
        self.end().await;
    }

    /// Sends what is found, several files at once.
    async fn send_all(&self) {
        let mut running = FuturesUnordered::new();
        let (mut large, mut level) = (0, Level::new(self.request.at_once(), Instant::now()));
        loop {
            if let Some(pause) = self.progress.files().take_throttled() {
                level.throttled(pause, Instant::now());
            }
            while !self.stop.is_cancelled()
                && let Some(job) = self.board.take(running.len(), large, level.at_once())
            {
                large += usize::from(is_large(job.local.length));
                running.push(self.settle(job));
            }
            if running.is_empty() && (self.stop.is_cancelled() || self.board.is_over()) {
                return;
            }
            tokio::select! {
                Some((length, sent)) = running.next(), if !running.is_empty() => {
                    large -= usize::from(is_large(length));
                    // Of what needed no sending there is nothing to learn.
                    if let Some(bytes) = sent {
                        level.sent(bytes, Instant::now());
                    }
                }
                () = self.board.more.notified() => {}
                () = self.stop.cancelled(), if running.is_empty() => {}
            }
        }
    }

    /// Tells what has become of a file.
    pub async fn tell(&self, row: Row) {
        self.tally().count(row.status, row.length);
        self.progress.files().settle(row.length);
        let row = serde_json::to_string(&row)
            .unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
        // Who cancels takes no more rows; what is told then must not hold up the end.
        if self.cancel.run_until_cancelled(self.rows.push(row.clone())).await.is_none() {
            self.rows.push_at_once(row);
        }
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }

    /// Ends the whole: no further file is begun.
    pub fn give_up(&self, error: Error) {
        if error.kind() != Kind::Cancelled {
            locked(&self.fatal).get_or_insert(error);
        }
        self.stop.cancel();
    }

    /// A file's path in the drive.
    pub fn shown(&self, names: &[String], name: &str) -> String {
        let own = Some(self.root.path.as_str()).filter(|path| !path.is_empty());
        own.into_iter().chain(names.iter().map(String::as_str)).chain([name]).collect::<Vec<_>>().join("/")
    }
}
