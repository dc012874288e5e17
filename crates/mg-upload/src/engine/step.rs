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
    Ask { after: Duration, failure: Error },
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
            (Step::Ask { after, failure }, Step::Resend { after: other, .. })
            | (Step::Resend { after: other, .. }, Step::Ask { after, failure }) => {
                Step::Ask { after: after.max(other), failure }
            }
            (one, other) if rank(&other) > rank(&one) => other,
            (one, _) => one,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a step, and its pause.
    fn of(letter: char, seconds: u64) -> Step {
        let (after, failure) = (Duration::from_secs(seconds), Error::Cancelled);
        match letter {
            'p' => Step::Put,
            'r' => Step::Resend { after, failure },
            'a' => Step::Ask { after, failure },
            'n' => Step::Recreate,
            'g' => Step::Gone(failure),
            _ => Step::Fail(failure),
        }
    }

    fn told(step: &Step) -> (char, u64) {
        match step {
            Step::Put => ('p', 0),
            Step::Resend { after, .. } => ('r', after.as_secs()),
            Step::Ask { after, .. } => ('a', after.as_secs()),
            Step::Recreate => ('n', 0),
            Step::Gone(_) => ('g', 0),
            _ => ('f', 0),
        }
    }

    #[test]
    fn of_two_outcomes_the_graver_is_acted_upon() {
        for (one, other, graver) in [
            (('p', 0), ('r', 3), ('r', 3)),
            (('r', 3), ('r', 5), ('r', 5)),
            (('a', 3), ('a', 5), ('a', 5)),
            (('a', 3), ('r', 5), ('a', 5)),
            (('a', 5), ('r', 3), ('a', 5)),
            (('a', 9), ('n', 0), ('n', 0)),
            (('n', 0), ('g', 0), ('g', 0)),
            (('g', 0), ('f', 0), ('f', 0)),
            (('p', 0), ('f', 0), ('f', 0)),
        ] {
            let both = [(one, other), (other, one)];
            for ((a, after_a), (b, after_b)) in both {
                assert_eq!(
                    told(&of(a, after_a).or_graver(of(b, after_b))),
                    graver,
                    "{a}{after_a} {b}{after_b}"
                );
            }
        }
    }
}
