//! Wall-clock time that goes with the runtime's own: tests that pause the runtime pause this too.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// How far the two clocks are apart until an answer has told.
const UNKNOWN_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// A date has whole seconds, and an answer is on its way for a while.
const KNOWN_SKEW: SignedDuration = SignedDuration::from_secs(5);
const UNKNOWN: i64 = i64::MAX;

/// The time in an answer's `Date`.
pub fn service_time(date: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(date).ok()?).ok()
}

/// A wall clock that ticks as tokio's does, and knows how far the service's is from it.
#[derive(Debug)]
pub struct Clock {
    epoch: Timestamp,
    started: Instant,
    /// Seconds that the service's clock is ahead, at the least that was seen.
    ahead: AtomicI64,
}

impl Clock {
    /// A clock that begins at the system's time.
    pub fn start() -> Clock {
        Clock { epoch: Timestamp::now(), started: Instant::now(), ahead: AtomicI64::new(UNKNOWN) }
    }

    /// Another clock that shows the same time, and has seen no service yet.
    pub fn beside(&self) -> Clock {
        Clock { epoch: self.epoch, started: self.started, ahead: AtomicI64::new(UNKNOWN) }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        let ticked = self.epoch.saturating_add(passed).unwrap_or(Timestamp::MAX);
        // The runtime's clock stands still while the machine sleeps.
        let system = Timestamp::now();
        if system.duration_since(ticked) > SignedDuration::from_mins(1) { system } else { ticked }
    }

    /// Learns the service's time from an answer's `Date`.
    pub fn compare(&self, date: &str) {
        let Some(date) = service_time(date) else { return };
        self.ahead.fetch_min(date.duration_since(self.now()).as_secs(), Relaxed);
    }

    /// The earliest that the service's clock can have shown at a time of ours.
    pub fn of_service(&self, ours: Timestamp) -> Timestamp {
        let ahead = self.ahead.load(Relaxed);
        let earliest = if ahead == UNKNOWN {
            ours.checked_sub(UNKNOWN_SKEW)
        } else {
            ours.checked_add(SignedDuration::from_secs(ahead) - KNOWN_SKEW)
        };
        earliest.unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_services_clock_is_learnt_from_its_answers() {
        let clock = Clock::start();
        let now = clock.now();
        assert_eq!(clock.of_service(now), now - UNKNOWN_SKEW);
        let hour = SignedDuration::from_hours(1);
        clock.compare(&httpdate::fmt_http_date((now + hour).into()));
        let off = clock.of_service(now).duration_since(now + hour - KNOWN_SKEW).abs();
        assert!(off <= SignedDuration::from_secs(1), "{off:?}");
        clock.compare("soon");
        assert!(clock.of_service(now) > now);
    }
}
