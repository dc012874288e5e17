//! Wall-clock time that goes with the runtime's own: tests that pause the runtime pause this too.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A wall clock that ticks as tokio's does.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    epoch: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that begins at the system's time.
    pub fn start() -> Clock {
        Clock { epoch: Timestamp::now(), started: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        self.epoch.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}
