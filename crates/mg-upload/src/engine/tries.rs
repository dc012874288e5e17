//! How often it was tried without progress, and what counts as progress.

use tokio::time::Instant;

use crate::error::Error;
use crate::family::FRAGMENT_UNIT;

/// Fragments in a row that are taken whole and are still no progress: a list of tiny gaps may have a few.
const MOST_TINY: u32 = 100;

/// Attempts since the service last took a decent number of bytes.
pub(super) struct Tries {
    /// Attempts that failed.
    pub failed: u32,
    /// How often the service has asked for a pause.
    pub throttles: u32,
    /// Fragments that were taken whole and brought little.
    tiny: u32,
    /// Bytes gained that were too few for progress so far.
    gained: u64,
    /// Requests that brought nothing yet: PUTs, and questions for the position.
    puts: u32,
    asks: u32,
    since: Instant,
}

impl Tries {
    pub fn new() -> Tries {
        Tries { failed: 0, throttles: 0, tiny: 0, gained: 0, puts: 0, asks: 0, since: Instant::now() }
    }

    /// Begins a PUT; whether it repeats one.
    pub fn put(&mut self) -> bool {
        if self.puts + self.asks == 0 {
            self.since = Instant::now();
        }
        self.puts += 1;
        self.puts > 1
    }

    /// Begins a question for the position; how often in a row it was asked before.
    pub fn ask(&mut self) -> u32 {
        self.asks += 1;
        self.asks - 1
    }

    /// Notes bytes that the service has taken of fragments of `chunk` bytes. Only so many are progress, and begin the count
    /// again: a service that takes one byte at a time would go on for ever.
    pub fn gain(&mut self, bytes: u64, chunk: u64) {
        if bytes == 0 {
            return;
        }
        self.gained += bytes;
        (self.puts, self.asks) = (0, 0);
        if self.gained >= chunk.min(FRAGMENT_UNIT) {
            *self = Tries::new();
        }
    }

    /// Whether the last bytes gained were enough to begin the count again.
    pub fn has_progressed(&self) -> bool {
        self.gained == 0
    }

    /// Notes a fragment that was taken whole; whether there have been too many that were progress only in name.
    pub fn is_trickle(&mut self) -> bool {
        if !self.has_progressed() {
            self.tiny += 1;
        }
        self.tiny > MOST_TINY
    }

    /// Requests that brought nothing yet, and since when.
    pub fn tried(&self) -> (u32, Instant) {
        ((self.puts + self.asks).max(1), self.since)
    }

    /// A failure that is given up at, which may have been met long ago, with all that was tried since.
    pub fn give_up(&self, mut failure: Error) -> Error {
        if let Some(trail) = failure.trail_mut() {
            trail.attempts = trail.attempts.max(self.puts + self.asks);
            trail.elapsed = trail.elapsed.max(self.since.elapsed());
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_bytes_are_no_progress() {
        let mut tries = Tries::new();
        (tries.failed, tries.throttles) = (3, 4);
        tries.gain(FRAGMENT_UNIT - 1, 10 * FRAGMENT_UNIT);
        assert_eq!((tries.failed, tries.throttles), (3, 4));
        tries.gain(1, 10 * FRAGMENT_UNIT);
        assert_eq!((tries.failed, tries.throttles), (0, 0));
        tries.failed = 3;
        tries.gain(1000, 1000);
        assert_eq!(tries.failed, 0, "all that was sent");
    }

    #[tokio::test(start_paused = true)]
    async fn whole_fragments_of_next_to_nothing_are_a_trickle_in_the_end() {
        let mut tries = Tries::new();
        let trickles = (0..=MOST_TINY).map(|_| {
            tries.gain(1, FRAGMENT_UNIT);
            tries.is_trickle()
        });
        assert_eq!(trickles.filter(|trickle| *trickle).count(), 1);
        tries.gain(FRAGMENT_UNIT, FRAGMENT_UNIT);
        assert!(!tries.is_trickle());
    }

    #[tokio::test(start_paused = true)]
    async fn every_request_without_result_counts() {
        let mut tries = Tries::new();
        assert_eq!((tries.put(), tries.ask(), tries.ask(), tries.put()), (false, 0, 1, true));
        assert_eq!(tries.tried().0, 4);
        tries.gain(1, 1);
        assert!(!tries.put());
    }
}
