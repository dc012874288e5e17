//! How many files are sent at once: as many as help, fewer when the service asks for patience.

use std::time::Duration;

use tokio::time::Instant;

/// Where it begins; no service has complained of so many.
const FIRST: usize = 4;
/// How much slower a level may be than the best before it counts as too high. Files that end together make a level look slower
/// than it is: of `n` at once, one more seems to take two rounds for what took one, which is more than half of the rate.
const WORSE: f64 = 0.55;
/// Up to this level as many files tell its rate, above it twice as many, for the same reason.
const FEW: usize = 8;
/// How long a level is kept after the service has asked for patience, or a higher one has done harm.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a file weighs beside its bytes: its requests.
const FILE: u64 = 64 * 1024;

/// The number of files at once, which finds its level.
#[derive(Debug)]
pub struct Level {
    now: usize,
    most: usize,
    /// What has been sent since `since`.
    weight: u64,
    files: usize,
    since: Instant,
    best: f64,
    /// Until when the pause lasts that has lowered it last.
    paused_until: Option<Instant>,
    patient_until: Option<Instant>,
    /// Until when it is kept, since a higher one has done harm.
    settled_until: Option<Instant>,
}

impl Level {
    /// At most `most`.
    pub fn new(most: usize, now: Instant) -> Level {
        let most = most.max(1);
        Level {
            now: FIRST.min(most),
            most,
            weight: 0,
            files: 0,
            since: now,
            best: 0.0,
            paused_until: None,
            patient_until: None,
            settled_until: None,
        }
    }

    /// How many files may be under way.
    pub fn at_once(&self) -> usize {
        self.now
    }

    /// A file has been sent.
    pub fn sent(&mut self, bytes: u64, now: Instant) {
        self.weight += bytes + FILE;
        self.files += 1;
        if self.files < if self.now <= FEW { self.now } else { 2 * self.now } {
            return;
        }
        let seconds = now.saturating_duration_since(self.since).as_secs_f64().max(1e-6);
        let rate = self.weight as f64 / seconds;
        (self.weight, self.files, self.since) = (0, 0, now);
        if self.patient_until.is_some_and(|until| now < until) {
            return;
        }
        let settled = self.settled_until.is_some_and(|until| now < until);
        if self.patient_until.take().is_some() || !settled && self.settled_until.is_some() {
            // What was good before need not be good now.
            (self.best, self.settled_until) = (0.0, None);
        } else if settled {
            return;
        }
        if rate < self.best * WORSE && self.now > 1 {
            self.now -= 1;
            self.settled_until = Some(now + PATIENCE);
        } else if self.now < self.most {
            self.now += 1;
        }
        self.best = self.best.max(rate);
    }

    /// The service has asked for patience. All who wait for the same pause say so; it counts once.
    pub fn throttled(&mut self, pause: Duration, now: Instant) {
        if self.paused_until.is_none_or(|until| now >= until) {
            self.now = (self.now / 2).max(1);
        }
        let until = now + pause;
        self.paused_until = self.paused_until.max(Some(until));
        self.patient_until = self.patient_until.max(Some(until + PATIENCE));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Sends files of one size for a while, each level having the rate that `rate` tells.
    fn run(level: &mut Level, start: Instant, files: usize, rate: impl Fn(usize) -> f64) -> Instant {
        let mut now = start;
        for _ in 0..files {
            now += Duration::from_secs_f64(FILE as f64 * 2.0 / rate(level.at_once()));
            level.sent(FILE, now);
        }
        now
    }

    #[test]
    fn it_rises_while_that_helps() {
        let start = Instant::now();
        let mut level = Level::new(16, start);
        assert_eq!(level.at_once(), 4);
        run(&mut level, start, 400, |at_once| at_once as f64 * 1e6);
        assert_eq!(level.at_once(), 16);
    }

    #[test]
    fn it_stays_where_more_does_harm() {
        let start = Instant::now();
        let mut level = Level::new(16, start);
        run(&mut level, start, 400, |at_once| if at_once > 6 { 3e6 } else { 6e6 });
        assert_eq!(level.at_once(), 6);
    }

    #[test]
    fn it_tries_again_after_a_while() {
        let start = Instant::now();
        let mut level = Level::new(16, start);
        let now = run(&mut level, start, 400, |at_once| if at_once > 6 { 3e6 } else { 6e6 });
        run(&mut level, now + 31 * SECOND, 400, |at_once| at_once as f64 * 1e6);
        assert_eq!(level.at_once(), 16);
    }

    #[test]
    fn files_that_end_together_are_no_sign_of_harm() {
        for most in [5, 8, 16, 64] {
            let mut now = Instant::now();
            let mut level = Level::new(most, now);
            let mut ends: Vec<Instant> = Vec::new();
            for _ in 0..4000 {
                while ends.len() < level.at_once() {
                    ends.push(now + SECOND / 25);
                }
                now = *ends.iter().min().unwrap();
                ends.swap_remove(ends.iter().position(|end| *end == now).unwrap());
                level.sent(100_000, now);
            }
            assert_eq!(level.at_once(), most);
        }
    }

    #[test]
    fn one_pause_halves_it_once_and_it_rises_again_after_a_while() {
        let start = Instant::now();
        let mut level = Level::new(8, start);
        let now = run(&mut level, start, 100, |_| 6e6);
        assert_eq!(level.at_once(), 8);
        for _ in 0..8 {
            level.throttled(10 * SECOND, now);
        }
        assert_eq!(level.at_once(), 4);
        let now = run(&mut level, now + 10 * SECOND, 20, |_| 6e6);
        assert_eq!(level.at_once(), 4, "patient");
        run(&mut level, now + 60 * SECOND, 100, |_| 6e6);
        assert_eq!(level.at_once(), 8);
    }

    proptest! {
        #[test]
        fn it_is_never_none_and_never_more_than_allowed(most in 0usize..40, steps in prop::collection::vec((0u64..1_000_000, 1u64..5000, any::<bool>()), 0..200)) {
            let mut now = Instant::now();
            let mut level = Level::new(most, now);
            for (bytes, millis, throttled) in steps {
                now += Duration::from_millis(millis);
                if throttled { level.throttled(Duration::from_millis(millis), now) } else { level.sent(bytes, now) }
                prop_assert!((1..=most.max(1)).contains(&level.at_once()));
            }
        }
    }
}
