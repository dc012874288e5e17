//! How often a request is repeated, and after which pauses: it depends on who makes it.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::progress::Progress;
use crate::progress::pause::Pause;
use crate::protocol::backoff::pause;
use crate::protocol::verdict::Verdict;

/// The context of an exchange: how often it is repeated, after which pauses, and what of that is on the account of more
/// than this one request.
pub(crate) trait Patience: Send + Sync {
    fn progress(&self) -> &Progress;

    /// Whether the session is as old as the token in its URL may get.
    fn is_old(&self) -> bool {
        false
    }

    /// Begins an attempt; whether it repeats one.
    fn begin(&mut self) -> bool;

    /// Attempts so far, and since when.
    fn tried(&self) -> (u32, Instant);

    /// Takes note of a setback; the pause after which it is tried again.
    fn again(&mut self, verdict: Verdict, retry_after: Option<Duration>, random: f64) -> Option<Duration>;

    fn may_wait(&self, after: Duration) -> bool {
        self.progress().may_wait(after)
    }

    /// Pauses after a setback. What it fails with is the end.
    fn pause(&mut self, pause: Pause, _failure: Error) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            self.progress().wait(pause).await;
            Ok(())
        }
    }
}

/// A request of its own: a few attempts, and a caller who waits for it.
pub(super) struct Few<'a> {
    progress: &'a Progress,
    attempts: u32,
    since: Instant,
    waited_before: Duration,
}

impl Few<'_> {
    /// As many as Microsoft's own cmdlets make: one, and three more.
    const ATTEMPTS: u32 = 4;
    /// All pauses together.
    const WAITS: Duration = Duration::from_secs(300);

    pub fn new(progress: &Progress) -> Few<'_> {
        Few { progress, attempts: 0, since: Instant::now(), waited_before: progress.waited() }
    }
}

impl Patience for Few<'_> {
    fn progress(&self) -> &Progress {
        self.progress
    }

    fn begin(&mut self) -> bool {
        self.attempts += 1;
        self.attempts > 1
    }

    fn tried(&self) -> (u32, Instant) {
        (self.attempts, self.since)
    }

    fn again(&mut self, verdict: Verdict, retry_after: Option<Duration>, random: f64) -> Option<Duration> {
        let after = pause(retry_after, self.attempts, random);
        (verdict.may_pass() && self.attempts < Few::ATTEMPTS && self.may_wait(after)).then_some(after)
    }

    fn may_wait(&self, after: Duration) -> bool {
        let waited = self.progress.waited().saturating_sub(self.waited_before);
        waited + after <= Few::WAITS && self.progress.may_wait(after)
    }
}

/// One attempt among others that are counted elsewhere.
pub(crate) struct Once<'a> {
    pub progress: &'a Progress,
    /// Attempts so far, this one included, and since when.
    pub tried: (u32, Instant),
    pub repeats: bool,
    pub is_old: bool,
}

impl Patience for Once<'_> {
    fn progress(&self) -> &Progress {
        self.progress
    }

    fn is_old(&self) -> bool {
        self.is_old
    }

    fn begin(&mut self) -> bool {
        self.repeats
    }

    fn tried(&self) -> (u32, Instant) {
        self.tried
    }

    fn again(&mut self, _: Verdict, _: Option<Duration>, _: f64) -> Option<Duration> {
        None
    }
}
