//! How far an operation has come: counters that any thread may read.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

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

/// The counters of one operation, and what it has left.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    sent: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
    pause_millis: AtomicU64,
    paused_millis: AtomicU64,
    phase: AtomicU8,
    open: OnceLock<String>,
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
    /// The pause in force.
    pub pause: Duration,
    /// All pauses so far.
    pub paused: Duration,
    /// What is being done.
    pub phase: Phase,
}

impl Progress {
    /// Reads the counters.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            done: self.done.load(Relaxed),
            total: self.total.load(Relaxed),
            sent: self.sent.load(Relaxed),
            requests: self.requests.load(Relaxed),
            retries: self.retries.load(Relaxed),
            pause: Duration::from_millis(self.pause_millis.load(Relaxed)),
            paused: Duration::from_millis(self.paused_millis.load(Relaxed)),
            phase: PHASES[usize::from(self.phase.load(Relaxed)).min(PHASES.len() - 1)],
        }
    }

    /// The id under which an upload that has failed is on record, to be gone on with.
    pub fn open_upload(&self) -> Option<&str> {
        self.open.get().map(String::as_str)
    }

    pub(crate) fn leave_open(&self, id: &str) {
        self.open.get_or_init(|| id.to_owned());
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
        self.done.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn set_position(&self, done: u64, total: u64) {
        self.done.store(done, Relaxed);
        self.total.store(total, Relaxed);
    }

    pub(crate) fn request(&self, repeats: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.retries.fetch_add(u64::from(repeats), Relaxed);
    }

    /// Whoever enters another phase waits no more.
    pub(crate) fn enter(&self, phase: Phase) {
        if phase != Phase::Waiting {
            self.pause_millis.store(0, Relaxed);
        }
        self.phase.store(phase as u8, Relaxed);
    }

    pub(crate) fn pause(&self, pause: Duration) {
        let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.pause_millis.store(millis, Relaxed);
        self.paused_millis.fetch_add(millis, Relaxed);
        self.enter(if millis > 0 { Phase::Waiting } else { Phase::Sending });
    }
}
