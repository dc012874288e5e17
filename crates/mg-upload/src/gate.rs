//! One gate for all requests to a host: when the service asks one upload to wait, the others would only prolong it, and
//! when it says how few requests are left, all of them share these.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::secret::redacted;

/// When each host wants to be asked again.
#[derive(Debug, Default)]
pub struct Gate {
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    closed_until: Option<Instant>,
    spaced: Option<Spaced>,
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
        let open = self.closed_until.unwrap_or(now).max(now);
        let Some(spaced) = self.spaced.as_mut().filter(|spaced| spaced.until > open) else { return open };
        // Once the budget is full again, all go.
        let turn = spaced.next.max(open).min(spaced.until);
        if taken {
            spaced.next = turn + spaced.apart;
        }
        turn
    }
}

impl Gate {
    /// Closes the gate to a URL's host for a while; a longer closure in force stays.
    pub fn close(&self, url: &str, pause: Duration) {
        let until = Instant::now().checked_add(pause);
        self.with_host(url, |host| host.closed_until = host.closed_until.max(until));
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

    /// How long a request to a URL's host would have to wait.
    pub fn pause(&self, url: &str) -> Duration {
        let now = Instant::now();
        self.with_host(url, |host| host.turn(now, false).saturating_duration_since(now))
    }

    /// Waits for this request's turn.
    pub async fn pass(&self, url: &str) {
        let mut turn = self.with_host(url, |host| host.turn(Instant::now(), true));
        while turn > Instant::now() {
            sleep_until(turn).await;
            // Another upload may have closed it meanwhile.
            let closed = self.with_host(url, |host| host.closed_until);
            turn = closed.map_or(turn, |closed| closed.max(turn));
        }
    }

    fn with_host<R>(&self, url: &str, act: impl FnOnce(&mut Host) -> R) -> R {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        act(hosts.entry(redacted(url)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn all_requests_to_a_host_wait_for_the_longest_pause() {
        let gate = Gate::default();
        gate.close("https://h/a?secret", 30 * SECOND);
        gate.close("https://h/b", 5 * SECOND);
        let before = Instant::now();
        gate.pass("https://other/").await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        gate.pass("https://h/c").await;
        assert!(before.elapsed() >= 30 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn spaced_requests_take_turns_while_the_spacing_lasts() {
        let gate = Gate::default();
        gate.space("https://h/a", 2 * SECOND, 5 * SECOND);
        let before = Instant::now();
        let passed = async || {
            gate.pass("https://h/a").await;
            before.elapsed().as_secs()
        };
        assert_eq!(tokio::join!(passed(), passed(), passed(), passed()), (2, 4, 5, 5));
        assert_eq!(passed().await, 5, "by now the window has passed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_closed_meanwhile_holds_those_who_wait() {
        let gate = Gate::default();
        gate.close("https://h/", SECOND);
        let before = Instant::now();
        let close = async { gate.close("https://h/", 9 * SECOND) };
        tokio::join!(gate.pass("https://h/"), close);
        assert!(before.elapsed() >= 9 * SECOND);
    }
}
