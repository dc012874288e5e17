//! A tree is worth more patience than a single request: what has taken hours does not end for a minute's trouble.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::progress::Progress;
use crate::progress::pause::Pause;
use crate::protocol::backoff::backoff;

/// Failures in a row after which something is given up.
const TRIES: u32 = 6;
/// All pauses that the service has asked for, for one thing.
const WAIT_BUDGET: Duration = Duration::from_secs(60 * 60);

/// The same internal error so often in a row is an answer: a library that wants columns has no other.
const SAME: u32 = 3;

/// How often something has failed.
#[derive(Debug, Default)]
pub struct Tries {
    failed: u32,
    /// The code of the last internal error, and how often in a row it has come.
    same: (Option<String>, u32),
    waited: Duration,
}

impl Tries {
    /// Pauses after a failure that passes; any other, and one too many, is the outcome.
    pub async fn again(&mut self, progress: &Progress, error: Error) -> Result<(), Error> {
        if passes(&error) && self.pause(progress, &error).await { Ok(()) } else { Err(error) }
    }

    /// Whether a file's failure has come so often that it will again.
    pub fn is_answer(&mut self, error: &Error) -> bool {
        let Some(refusal) = error.refusal().filter(|refusal| refusal.response.status == 500) else {
            self.same = (None, 0);
            return false;
        };
        let (code, times) = std::mem::take(&mut self.same);
        let times = if times > 0 && code == refusal.graph.code { times + 1 } else { 1 };
        self.same = (refusal.graph.code.clone(), times);
        times >= SAME
    }

    /// Pauses until something that ends by itself must have ended; whether it is worth another try.
    pub async fn outlast(&mut self, progress: &Progress, error: &Error, limit: Duration) -> bool {
        let left = limit.saturating_sub(self.waited);
        if left.is_zero() {
            return false;
        }
        self.failed += 1;
        let after = backoff(self.failed, fastrand::f64()).min(left);
        self.waited += after;
        progress.wait(Pause::after(error, after)).await;
        true
    }

    /// Pauses, whatever has failed; whether it is worth another try.
    pub async fn pause(&mut self, progress: &Progress, error: &Error) -> bool {
        self.failed += 1;
        let own = backoff(self.failed, fastrand::f64());
        let after = match error {
            Error::HostPaused { left, .. } => own.max(*left),
            other => own.max(other.refusal().and_then(|refusal| refusal.retry_after).unwrap_or_default()),
        };
        // Being told to wait is no failure: only the budget limits it.
        let throttled = error.kind() == Kind::Throttled;
        if !throttled && self.failed >= TRIES || self.waited + after > WAIT_BUDGET {
            return false;
        }
        self.failed -= u32::from(throttled && self.failed > 1);
        self.waited += after;
        progress.wait(Pause::after(error, after)).await;
        true
    }
}

/// Whether the same may do later.
pub fn passes(error: &Error) -> bool {
    let is_final = error.fault().is_some_and(crate::error::TransportFault::is_final);
    matches!(error.kind(), Kind::Network | Kind::Timeout | Kind::ServerFault | Kind::Throttled) && !is_final
}
