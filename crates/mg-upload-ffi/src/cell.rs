//! What work under way and its handle share: progress, the wish to stop, the outcome, and texts that were handed out.

use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use mg_upload::Progress;
use tokio_util::sync::CancellationToken;

use crate::error::mgu_error;
use crate::status::mgu_status;
use crate::text::mgu_text;

/// What the worker and the caller share.
pub(crate) struct Cell {
    pub cancel: CancellationToken,
    pub progress: Arc<Progress>,
    pub outcome: OnceLock<Result<String, Box<mgu_error>>>,
    /// The events that were last handed out.
    pub events: Mutex<String>,
    /// The row, and the running files, that were.
    row: Mutex<String>,
    running: Mutex<String>,
    /// The claims that were last handed out.
    pub claims: Mutex<String>,
    ended: Mutex<bool>,
    wake: Condvar,
}

impl Cell {
    pub fn begin() -> Arc<Cell> {
        let cell = Arc::new(Cell {
            cancel: CancellationToken::new(),
            progress: Arc::default(),
            outcome: OnceLock::new(),
            events: Mutex::default(),
            row: Mutex::default(),
            running: Mutex::default(),
            claims: Mutex::default(),
            ended: Mutex::new(false),
            wake: Condvar::new(),
        });
        let waiting = Arc::downgrade(&cell);
        cell.progress.wake_by(move || {
            if let Some(cell) = waiting.upgrade() {
                // Between a waiter's look and its sleep nothing may be missed.
                drop(cell.ended.lock().unwrap_or_else(PoisonError::into_inner));
                cell.wake.notify_all();
            }
        });
        cell
    }

    pub fn end(&self, outcome: Result<String, Box<mgu_error>>) {
        let _ = self.outcome.set(outcome);
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }

    pub fn has_ended(&self) -> bool {
        self.outcome.get().is_some()
    }

    /// Keeps a row for as long as the caller may read it.
    pub fn hand_out(&self, row: String) -> mgu_text {
        keep(&self.row, row)
    }

    /// The same with the running files.
    pub fn hand_out_running(&self, running: String) -> mgu_text {
        keep(&self.running, running)
    }

    pub fn status(&self) -> mgu_status {
        match self.outcome.get() {
            None => mgu_status::MGU_STATUS_PENDING,
            Some(Ok(_)) => mgu_status::MGU_STATUS_OK,
            Some(Err(error)) => error.status(),
        }
    }

    /// Waits for the end, or for `or` to become true.
    pub fn wait(&self, limit: Duration, or: impl Fn() -> bool) {
        let until = Instant::now().checked_add(limit);
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended && !or() {
            let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return;
            }
            ended = self.wake.wait_timeout(ended, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

pub(crate) fn keep(place: &Mutex<String>, text: String) -> mgu_text {
    let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = text;
    mgu_text::borrowed(&kept)
}
