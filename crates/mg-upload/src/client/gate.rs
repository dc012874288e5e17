//! One gate for all requests to a host: when the service asks one upload to wait, the others would only prolong it, and
//! when it says how few requests are left, all of them share these.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::locked::locked;
use crate::progress::pause::Pause;
use crate::secret::redacted;

/// When each host wants to be asked again.
#[derive(Debug, Default)]
pub struct Gate {
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    closed: Option<Closed>,
    spaced: Option<Spaced>,
}

/// No request goes before this, and why.
#[derive(Debug, Clone, Copy)]
struct Closed {
    until: Instant,
    why: Pause,
}

/// Requests go one at a time, `apart` from each other, for a while.
#[derive(Debug, Clone, Copy)]
struct Spaced {
    apart: Duration,
    until: Instant,
    next: Instant,
}

impl Host {
    /// From when on a request may be sent. `taken`: it will be, and the one after it has to wait longer.
    fn turn(&mut self, now: Instant, taken: bool) -> Instant {
        let open = self.closed.map_or(now, |closed| closed.until.max(now));
        let Some(spaced) = self.spaced.as_mut().filter(|spaced| spaced.until > open) else { return open };
        // Once the budget is full again, all go.
        let turn = spaced.next.max(open).min(spaced.until);
        if taken {
            spaced.next = turn + spaced.apart;
        }
        turn
    }

    /// What a request whose turn is `turn` still has to wait for.
    fn left(&self, turn: Instant, now: Instant) -> Option<Pause> {
        let closed = self.closed.filter(|closed| closed.until >= turn);
        let (until, why) =
            closed.map_or((turn, Pause::paced(Duration::ZERO)), |closed| (closed.until, closed.why));
        let after = until.checked_duration_since(now).filter(|after| !after.is_zero())?;
        Some(Pause { after, ..why })
    }
}

impl Gate {
    /// Closes the gate to a URL's host for a pause; a longer closure in force stays.
    pub fn close(&self, url: &str, why: Pause) {
        let Some(until) = Instant::now().checked_add(why.after) else { return };
        self.with_host(url, |host| {
            if host.closed.is_none_or(|closed| closed.until < until) {
                host.closed = Some(Closed { until, why });
            }
        });
    }

    /// Lets requests to a URL's host through one at a time, `apart` from each other, during `window`.
    pub fn space(&self, url: &str, apart: Duration, window: Duration) {
        let now = Instant::now();
        let (Some(next), Some(until)) = (now.checked_add(apart), now.checked_add(window)) else { return };
        self.with_host(url, |host| {
            // Who waits already keeps the turn that it was given.
            let next = host.spaced.map_or(next, |before| before.next.max(next));
            host.spaced = Some(Spaced { apart, until, next });
        });
    }

    /// What a request to a URL's host would have to wait for.
    pub fn held(&self, url: &str) -> Option<Pause> {
        let now = Instant::now();
        self.with_host(url, |host| {
            let turn = host.turn(now, false);
            host.left(turn, now)
        })
    }

    /// Gives a request its turn, with what it has to wait for until then. Who is not `allowed` to wait takes nobody's turn.
    pub fn take_turn<E>(
        &self,
        url: &str,
        allowed: impl FnOnce(Pause) -> Result<(), E>,
    ) -> Result<(Instant, Option<Pause>), E> {
        let now = Instant::now();
        self.with_host(url, |host| {
            let turn = host.turn(now, false);
            let pause = host.left(turn, now);
            pause.map_or(Ok(()), allowed)?;
            Ok((host.turn(now, true), pause))
        })
    }

    /// What a request that has been given a turn still has to wait for: another may have closed the gate meanwhile.
    pub fn until(&self, url: &str, turn: Instant) -> Option<Pause> {
        self.with_host(url, |host| host.left(turn, Instant::now()))
    }

    fn with_host<R>(&self, url: &str, act: impl FnOnce(&mut Host) -> R) -> R {
        let mut hosts = locked(&self.hosts);
        act(hosts.entry(redacted(url)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn closed(seconds: u32) -> Pause {
        Pause::asked_for(429, seconds * SECOND)
    }

    async fn pass(gate: &Gate, url: &str) {
        let (turn, mut next) = gate.take_turn(url, |_| Ok::<_, ()>(())).unwrap();
        while let Some(pause) = next {
            tokio::time::sleep(pause.after).await;
            next = gate.until(url, turn);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_requests_to_a_host_wait_for_the_longest_pause_and_know_why() {
        let gate = Gate::default();
        gate.close("https://h/a?secret", closed(30));
        gate.close("https://h/b", Pause::asked_for(503, 5 * SECOND));
        let before = Instant::now();
        pass(&gate, "https://other/").await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert_eq!(gate.held("https://h/c"), Some(closed(30)));
        pass(&gate, "https://h/c").await;
        assert!(before.elapsed() >= 30 * SECOND);
        assert_eq!(gate.held("https://h/c"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn spaced_requests_take_turns_while_the_spacing_lasts() {
        let gate = Gate::default();
        gate.space("https://h/a", 2 * SECOND, 5 * SECOND);
        assert_eq!(gate.held("https://h/a"), Some(Pause::paced(2 * SECOND)));
        let before = Instant::now();
        let passed = async || {
            pass(&gate, "https://h/a").await;
            before.elapsed().as_secs()
        };
        assert_eq!(tokio::join!(passed(), passed(), passed(), passed()), (2, 4, 5, 5));
        assert_eq!(passed().await, 5, "by now the window has passed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_spacing_keeps_the_turns_that_were_given() {
        let gate = Gate::default();
        gate.space("https://h/a", 10 * SECOND, 60 * SECOND);
        assert_eq!(gate.take_turn("https://h/a", Err), Err(Pause::paced(10 * SECOND)), "takes nobody's turn");
        gate.take_turn("https://h/a", |_| Ok::<_, ()>(())).unwrap();
        gate.space("https://h/a", SECOND, 60 * SECOND);
        assert_eq!(gate.held("https://h/a"), Some(Pause::paced(20 * SECOND)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_closed_meanwhile_holds_those_who_wait() {
        let gate = Gate::default();
        gate.close("https://h/", closed(1));
        let before = Instant::now();
        let close = async { gate.close("https://h/", closed(9)) };
        tokio::join!(pass(&gate, "https://h/"), close);
        assert!(before.elapsed() >= 9 * SECOND);
    }
}
