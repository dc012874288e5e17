//! What an upload does after a PUT that did not simply succeed: one decision, a plain function of what is known.

use std::time::Duration;

use crate::protocol::backoff::pause;
use crate::protocol::verdict::Verdict;

/// The pause before a session that the service has just made, and does not know yet, is tried again.
pub(crate) const NEW_SESSION_PAUSE: Duration = Duration::from_secs(5);
/// A locked item is asked for only so often.
const LOCKED_ATTEMPTS: u32 = 3;
/// How often bytes are refused as for no session, though the session answers when it is asked.
const UNKNOWN_ATTEMPTS: u32 = 4;

/// What is known when a PUT has failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Situation {
    /// Attempts without progress, the failed one included.
    pub attempt: u32,
    /// How often in a row the service has asked for a pause.
    pub throttles: u32,
    /// How many attempts are made.
    pub max_attempts: u32,
    /// Whether the service has taken any byte of this session.
    pub accepted: bool,
    /// Whether a PUT that may have ended the upload has had no clear answer.
    pub end_unclear: bool,
    /// Whether the order of the fragments is fixed.
    pub in_order: bool,
    /// Whether the session can be made again: what made it is known, and it has not been done yet.
    pub can_recreate: bool,
    /// Whether the caller tied the destination to a version (`If-Match`).
    pub if_match: bool,
    /// A number from 0 to 1 for the jitter.
    pub random: f64,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Pause, ask for the session's position, go on from there.
    Ask {
        /// How long to pause first.
        after: Duration,
    },
    /// Pause all requests to the host, then send the same fragment again.
    Throttled {
        /// How long to pause.
        after: Duration,
    },
    /// Pause, then send the same fragment again: the service may not know its own new session yet.
    Resend {
        /// How long to pause.
        after: Duration,
    },
    /// The session is gone. See whether the file has arrived, else make a new session if that is possible.
    Gone,
    /// Make a new session and begin again.
    Recreate,
    /// Send smaller fragments.
    Shrink,
    /// Report the failure; the session stays.
    GiveUp,
}

/// Decides about a PUT with this verdict, which asks for a pause. INVARIANT: no path retries without end: every repetition
/// counts an attempt, spends the wait budget (throttling), uses up the one new session, or halves the chunk.
pub fn decide(now: &Situation, verdict: Verdict, retry_after: Option<Duration>) -> Action {
    match verdict {
        Verdict::Throttled => Action::Throttled { after: pause(retry_after, now.throttles, now.random) },
        Verdict::Passing { .. } => ask_again(now, retry_after),
        Verdict::Unknown => not_known(now, retry_after),
        Verdict::Gone => Action::Gone,
        Verdict::Outdated if now.can_recreate && !now.if_match => Action::Recreate,
        Verdict::TooLarge => Action::Shrink,
        // It answers so too when the answer to the last byte was lost, and tells a position from the start.
        Verdict::OutOfOrder if now.end_unclear && now.in_order && now.attempt > 1 => Action::Gone,
        Verdict::OutOfOrder => ask_again(now, at_once_unless(retry_after)),
        Verdict::Locked if now.attempt < LOCKED_ATTEMPTS => ask_again(now, retry_after),
        Verdict::Locked | Verdict::Outdated | Verdict::Moved | Verdict::Final => Action::GiveUp,
    }
}

/// `wished` is the service's pause; `Some(ZERO)` on the first attempt means at once.
fn ask_again(now: &Situation, wished: Option<Duration>) -> Action {
    if now.attempt >= now.max_attempts {
        return Action::GiveUp;
    }
    let at_once = now.attempt == 1 && wished == Some(Duration::ZERO);
    Action::Ask { after: if at_once { Duration::ZERO } else { pause(wished, now.attempt, now.random) } }
}

/// What is asked about at once, unless the service wants a pause all the same.
fn at_once_unless(retry_after: Option<Duration>) -> Option<Duration> {
    retry_after.or(Some(Duration::ZERO))
}

/// 404 has five causes. With bytes accepted, or the last ones sent: finished, expired or cancelled. On a fresh
/// session: not there yet, or a replaced Office file, for which only a new session and its URL help.
fn not_known(now: &Situation, retry_after: Option<Duration>) -> Action {
    match now.attempt {
        // Only a session that is asked and answers 404 too is gone: one front end may not know it.
        1..UNKNOWN_ATTEMPTS if now.accepted || now.end_unclear => ask_again(now, at_once_unless(retry_after)),
        1 => Action::Resend {
            after: retry_after.map_or(NEW_SESSION_PAUSE, |asked| asked.max(NEW_SESSION_PAUSE)),
        },
        _ => Action::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::graph_error::GraphError;
    use crate::protocol::verdict::{Purpose, verdict};

    const FIRST: Situation = Situation {
        attempt: 1,
        throttles: 1,
        max_attempts: 10,
        accepted: true,
        end_unclear: false,
        in_order: true,
        can_recreate: true,
        if_match: false,
        random: 1.0,
    };

    fn on(now: Situation, status: u16, body: &str, retry_after: Option<u64>) -> Action {
        let verdict = verdict(Purpose::Put, status, &GraphError::parse(body.as_bytes()), false);
        decide(&now, verdict, retry_after.map(Duration::from_secs))
    }

    fn code(code: &str) -> String {
        format!(r#"{{"error":{{"code":"x","innerError":{{"code":"{code}"}}}}}}"#)
    }

    fn ask(seconds: u64) -> Action {
        Action::Ask { after: Duration::from_secs(seconds) }
    }

    #[test]
    fn each_row_of_the_table() {
        let fresh = Situation { accepted: false, ..FIRST };
        let second = Situation { attempt: 2, ..FIRST };
        let stuck = Situation { can_recreate: false, ..FIRST };
        let five = Action::Resend { after: NEW_SESSION_PAUSE };
        for (now, status, body, retry_after, expected) in [
            (FIRST, 408, String::new(), None, ask(1)),
            (FIRST, 500, String::new(), None, ask(1)),
            (FIRST, 502, String::new(), Some(7), ask(7)),
            (FIRST, 503, String::new(), None, ask(1)),
            (second, 504, String::new(), Some(1), ask(2)),
            (FIRST, 509, String::new(), None, ask(1)),
            (FIRST, 429, String::new(), Some(30), Action::Throttled { after: Duration::from_secs(30) }),
            (FIRST, 429, String::new(), None, Action::Throttled { after: Duration::from_secs(1) }),
            (FIRST, 416, String::new(), None, ask(0)),
            (second, 416, String::new(), None, ask(2)),
            (Situation { end_unclear: true, ..second }, 416, String::new(), None, Action::Gone),
            (
                Situation { throttles: 5, ..FIRST },
                429,
                String::new(),
                None,
                Action::Throttled { after: Duration::from_secs(16) },
            ),
            (FIRST, 404, String::new(), None, ask(0)),
            (second, 404, String::new(), None, ask(2)),
            (fresh, 404, String::new(), None, five),
            (Situation { attempt: 2, ..fresh }, 404, String::new(), None, Action::Gone),
            (Situation { attempt: 2, accepted: false, ..stuck }, 404, String::new(), None, Action::Gone),
            (Situation { attempt: 3, ..FIRST }, 404, String::new(), None, ask(4)),
            (Situation { attempt: 4, ..FIRST }, 404, String::new(), None, Action::Gone),
            (Situation { end_unclear: true, ..fresh }, 404, String::new(), None, ask(0)),
            (Situation { attempt: 2, max_attempts: 2, ..FIRST }, 404, String::new(), None, Action::GiveUp),
            (
                Situation { attempt: 2, end_unclear: true, in_order: false, ..FIRST },
                416,
                String::new(),
                None,
                ask(2),
            ),
            (fresh, 400, r#"{"error":{"message":"Upload session not found"}}"#.into(), None, five),
            (FIRST, 400, String::new(), None, Action::GiveUp),
            (FIRST, 401, code("expiredToken"), None, Action::Gone),
            (FIRST, 401, String::new(), None, Action::GiveUp),
            (FIRST, 403, String::new(), None, Action::GiveUp),
            (FIRST, 409, code("nameAlreadyExists"), None, Action::GiveUp),
            (FIRST, 409, code("resourceModified"), None, Action::Recreate),
            (Situation { if_match: true, ..FIRST }, 409, code("resourceModified"), None, Action::GiveUp),
            (stuck, 409, code("resourceModified"), None, Action::GiveUp),
            (FIRST, 412, String::new(), None, Action::GiveUp),
            (FIRST, 413, String::new(), None, Action::Shrink),
            (FIRST, 423, String::new(), None, ask(1)),
            (Situation { attempt: 3, ..FIRST }, 423, String::new(), None, Action::GiveUp),
            (FIRST, 507, String::new(), None, Action::GiveUp),
            (FIRST, 500, code("quotaLimitReached"), None, Action::GiveUp),
            (FIRST, 400, code("malwareDetected"), None, Action::GiveUp),
            (FIRST, 503, code("virusSuspicious"), None, Action::GiveUp),
            (FIRST, 302, String::new(), None, Action::GiveUp),
            (FIRST, 307, String::new(), None, Action::GiveUp),
            (FIRST, 416, String::new(), Some(9), ask(9)),
            (FIRST, 404, String::new(), Some(9), ask(9)),
            (fresh, 404, String::new(), Some(9), Action::Resend { after: Duration::from_secs(9) }),
            (fresh, 404, String::new(), Some(1), five),
        ] {
            assert_eq!(on(now, status, &body, retry_after), expected, "{status} {body} {now:?}");
        }
    }

    #[test]
    fn silence_is_asked_about_until_the_attempts_are_used_up() {
        let silent =
            |attempt| decide(&Situation { attempt, ..FIRST }, Verdict::Passing { renew: true }, None);
        assert_eq!(silent(1), ask(1));
        assert_eq!(silent(3), ask(4));
        assert_eq!(silent(10), Action::GiveUp);
    }
}
