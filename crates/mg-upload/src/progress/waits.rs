//! The pauses of one operation: those in force, and how long they have taken. Several requests at once may wait for the same.

use std::time::Duration;

use tokio::time::Instant;

use crate::progress::pause::Pause;

/// Time during which something holds, by the clock: what holds twice at once counts once.
#[derive(Debug, Default)]
struct Span {
    since: Option<Instant>,
    sum: Duration,
}

impl Span {
    fn turn(&mut self, on: bool, now: Instant) {
        match (self.since, on) {
            (None, true) => self.since = Some(now),
            (Some(since), false) => (self.since, self.sum) = (None, self.sum + (now - since)),
            _ => {}
        }
    }

    fn total(&self, now: Instant) -> Duration {
        self.since.map_or(self.sum, |since| self.sum + now.saturating_duration_since(since))
    }
}

/// Pauses in force and behind.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    in_force: Vec<(u64, Pause, Instant)>,
    begun: u64,
    all: Span,
    asked_for: Span,
}

impl Waits {
    /// Begins a pause; the number ends it.
    pub fn begin(&mut self, pause: Pause, now: Instant) -> u64 {
        self.begun += 1;
        let until = now.checked_add(pause.after).unwrap_or(now);
        self.in_force.push((self.begun, pause, until));
        self.turn(now);
        self.begun
    }

    /// Ends a pause, whether or not it is over.
    pub fn end(&mut self, number: u64, now: Instant) {
        self.in_force.retain(|(own, ..)| *own != number);
        self.turn(now);
    }

    fn turn(&mut self, now: Instant) {
        self.all.turn(!self.in_force.is_empty(), now);
        self.asked_for.turn(self.in_force.iter().any(|(_, pause, _)| pause.asked_for), now);
    }

    /// The pause in force that ends last, with what is left of it.
    pub fn longest(&self, now: Instant) -> Option<Pause> {
        let (_, pause, until) = self.in_force.iter().max_by_key(|(.., until)| *until)?;
        Some(Pause { after: until.saturating_duration_since(now), ..*pause })
    }

    /// All pauses until now.
    pub fn all(&self, now: Instant) -> Duration {
        self.all.total(now)
    }

    /// Those among them that the service has asked for.
    pub fn asked_for(&self, now: Instant) -> Duration {
        self.asked_for.total(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::pause::Reason;

    #[test]
    fn what_is_waited_for_twice_at_once_counts_once() {
        let second = Duration::from_secs(1);
        let (mut waits, start) = (Waits::default(), Instant::now());
        let at = |seconds| start + seconds * second;
        let own =
            Pause { after: 8 * second, reason: Reason::ServerFault, status: Some(500), asked_for: false };
        let first = waits.begin(own, at(0));
        let second_one = waits.begin(Pause::paced(4 * second), at(1));
        assert_eq!(waits.longest(at(3)), Some(Pause { after: 5 * second, ..own }));
        assert_eq!((waits.all(at(3)), waits.asked_for(at(3))), (3 * second, 2 * second));
        waits.end(second_one, at(5));
        waits.end(first, at(6));
        assert_eq!(waits.longest(at(6)), None);
        assert_eq!((waits.all(at(60)), waits.asked_for(at(60))), (6 * second, 4 * second), "cut short");
    }
}
