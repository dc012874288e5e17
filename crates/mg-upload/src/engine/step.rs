//! What an upload does next.

use std::time::Duration;

use super::Outcome;
use crate::error::Error;

/// What comes next.
pub(super) enum Step {
    /// Ask the service for its position before anything is sent.
    Look { after: Duration },
    /// Send the next fragment.
    Put,
    /// Make the empty file, which no session can carry.
    Empty,
    /// Pause, then ask the service for its position. The failure is reported when that does not help.
    Ask { after: Duration, renew: bool, failure: Error },
    /// Pause, then send the same fragment again.
    Resend { after: Duration, failure: Error },
    /// The session is gone.
    Gone(Error),
    /// Make a new session and begin again.
    Recreate,
    /// Nothing helps.
    Fail(Error),
    /// The end.
    Done(Box<Outcome>),
}

impl Step {
    /// The graver of two outcomes of fragments that were sent together; of two pauses the longer.
    pub(super) fn or_graver(self, other: Step) -> Step {
        fn rank(step: &Step) -> (u8, Duration) {
            match step {
                Step::Put | Step::Empty | Step::Done(_) | Step::Look { .. } => (0, Duration::ZERO),
                Step::Resend { after, .. } | Step::Ask { after, .. } => (1, *after),
                Step::Recreate => (2, Duration::ZERO),
                Step::Gone(_) => (3, Duration::ZERO),
                Step::Fail(_) => (4, Duration::ZERO),
            }
        }
        match (self, other) {
            // Asking is needed as soon as one of them does not know what was stored.
            (Step::Ask { after, renew, failure }, Step::Resend { after: other, .. })
            | (Step::Resend { after: other, .. }, Step::Ask { after, renew, failure }) => {
                Step::Ask { after: after.max(other), renew, failure }
            }
            (one, other) if rank(&other) > rank(&one) => other,
            (one, _) => one,
        }
    }
}
