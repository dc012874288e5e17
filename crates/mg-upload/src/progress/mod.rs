//! How far an operation has come and what it has gone through: for any thread to read.

pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod pause;
pub(crate) mod waits;
pub(crate) mod wanted;

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::locked::locked;
use crate::progress::events::{Event, Events};
use crate::progress::files::{Files, FilesSnapshot, RunningFile};
use crate::progress::pause::Pause;
use crate::progress::waits::Waits;
use crate::progress::wanted::{Asking, Board, Wanted};

/// What an operation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nothing has been sent yet.
    Starting = 0,
    /// Bytes are on their way.
    Sending = 1,
    /// A pause, asked for by the service or our own.
    Waiting = 2,
    /// The service is asked for its state.
    Asking = 3,
    /// The outcome is compared with what was sent.
    Verifying = 4,
    /// It has ended.
    Done = 5,
}

const PHASES: [Phase; 6] =
    [Phase::Starting, Phase::Sending, Phase::Waiting, Phase::Asking, Phase::Verifying, Phase::Done];

/// The account of one operation: its counters, its pauses, its events.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    sent: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
    phase: AtomicU8,
    waits: Mutex<Waits>,
    wait_budget: OnceLock<Duration>,
    events: Mutex<Events>,
    /// The operation that this is a part of: what happens here happens there too.
    whole: Option<Arc<Progress>>,
    /// Of a tree: its files.
    files: OnceLock<Files>,
    wanted: Board,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Bytes that the service has or that are on their way to it.
    pub done: u64,
    /// Bytes of the whole upload; 0 where there are none.
    pub total: u64,
    /// Bytes handed to the transport, those sent again included.
    pub sent: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests among them that repeat one which failed.
    pub retries: u64,
    /// The pause in force, with what is left of it.
    pub pause: Option<Pause>,
    /// All pauses so far that the service has asked for.
    pub throttled: Duration,
    /// What is being done.
    pub phase: Phase,
    /// Of a tree: its files.
    pub files: Option<FilesSnapshot>,
}

/// A pause in force: it ends with this.
struct InForce<'a> {
    progress: &'a Progress,
    number: u64,
}

impl Drop for InForce<'_> {
    fn drop(&mut self) {
        self.progress.waits().end(self.number, Instant::now());
    }
}

impl Progress {
    /// Reads the counters.
    pub fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        let (pause, throttled) = {
            let waits = self.waits();
            (waits.longest(now), waits.asked_for(now))
        };
        let phase = PHASES[usize::from(self.phase.load(Relaxed)).min(PHASES.len() - 1)];
        let total = self.total.load(Relaxed);
        let done = self.files.get().map_or_else(|| self.done.load(Relaxed), Files::bytes_done);
        Snapshot {
            // What is sent again counts when it leaves, and once more until the service has told.
            done: done.min(total),
            total,
            sent: self.sent.load(Relaxed),
            requests: self.requests.load(Relaxed),
            retries: self.retries.load(Relaxed),
            pause,
            throttled,
            phase: if pause.is_some() { Phase::Waiting } else { phase },
            files: self.files.get().map(Files::snapshot),
        }
    }

    /// The files of a tree that are being sent; none where this is no tree's.
    pub fn running_files(&self) -> Vec<RunningFile> {
        self.files.get().map(Files::running).unwrap_or_default()
    }

    /// The account of a part of this operation.
    pub(crate) fn part(self: &Arc<Self>) -> Arc<Progress> {
        Arc::new(Progress { whole: Some(Arc::clone(self)), ..Progress::default() })
    }

    /// The files of this operation, which is a tree's from now on.
    pub(crate) fn files(&self) -> &Files {
        self.files.get_or_init(Files::default)
    }

    /// Another file belongs to the tree.
    pub(crate) fn know_file(&self, length: u64) {
        self.files().know();
        self.total.fetch_add(length, Relaxed);
    }

    /// Takes the events that have come since they were last taken, the oldest first.
    pub fn take_events(&self) -> Vec<Event> {
        locked(&self.events).take()
    }

    /// The token that it waits for, where it does: [`crate::Client::answer_token`] answers.
    pub fn wanted(&self) -> Option<Wanted> {
        self.wanted.first()
    }

    /// Has `waker` called each time that a token begins to be wanted; the first one stays.
    pub fn wake_by(&self, waker: impl Fn() + Send + Sync + 'static) {
        self.wanted.wake_by(Box::new(waker));
    }

    pub(crate) fn want(&self, wanted: Wanted) -> Asking<'_> {
        match &self.whole {
            Some(whole) => whole.want(wanted),
            None => self.wanted.put(wanted),
        }
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
        self.done.fetch_add(bytes, Relaxed);
        if let Some(whole) = &self.whole {
            whole.sent.fetch_add(bytes, Relaxed);
        }
    }

    /// All bytes that were sent, those sent again included.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    pub(crate) fn set_position(&self, done: u64, total: u64) {
        self.done.store(done, Relaxed);
        self.total.store(total, Relaxed);
    }

    pub(crate) fn request(&self, repeats: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.retries.fetch_add(u64::from(repeats), Relaxed);
        if let Some(whole) = &self.whole {
            whole.request(repeats);
        }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    pub(crate) fn tell(&self, event: Event) {
        match &self.whole {
            Some(whole) => whole.tell(event),
            None => locked(&self.events).push(event),
        }
    }

    /// Limits all pauses together, whoever makes them.
    pub(crate) fn limit_waits(&self, budget: Duration) {
        self.wait_budget.get_or_init(|| budget);
    }

    /// Whether the limit allows another pause.
    pub(crate) fn may_wait(&self, after: Duration) -> bool {
        self.wait_budget.get().is_none_or(|budget| self.waited().saturating_add(after) <= *budget)
    }

    /// All pauses so far.
    pub(crate) fn waited(&self) -> Duration {
        self.waits().all(Instant::now())
    }

    /// Pauses, and tells so.
    pub(crate) async fn wait(&self, pause: Pause) {
        if pause.after.is_zero() {
            return;
        }
        self.tell(Event::from(&pause));
        let _in_force = self.begin(pause);
        let _in_whole = self.whole.as_ref().map(|whole| whole.begin(pause));
        sleep(pause.after).await;
    }

    fn begin(&self, pause: Pause) -> InForce<'_> {
        if let Some(files) = self.files.get().filter(|_| pause.asked_for) {
            files.throttled(pause.after);
        }
        let number = self.waits().begin(pause, Instant::now());
        InForce { progress: self, number }
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        locked(&self.waits)
    }
}

#[cfg(test)]
mod tests;
