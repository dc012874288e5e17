//! One pause for all requests to a host: when the service asks one upload to wait, the others would only prolong it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::secret::redacted;

/// Until when each host wants to be left alone.
#[derive(Debug, Default)]
pub struct Gate {
    closed_until: Mutex<HashMap<String, Instant>>,
}

impl Gate {
    /// Closes the gate to a URL's host for a while; a longer closure in force stays.
    pub fn close(&self, url: &str, pause: Duration) {
        let Some(until) = Instant::now().checked_add(pause) else { return };
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = closed.entry(redacted(url)).or_insert(until);
        *entry = until.max(*entry);
    }

    /// How long the gate to a URL's host stays closed.
    pub fn pause(&self, url: &str) -> Duration {
        let closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        closed
            .get(&redacted(url))
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Waits until the gate to a URL's host is open.
    pub async fn pass(&self, url: &str) {
        loop {
            // Another upload may have closed it again meanwhile.
            let pause = self.pause(url);
            if pause.is_zero() {
                return;
            }
            sleep_until(Instant::now() + pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_requests_to_a_host_wait_for_the_longest_pause() {
        let gate = Gate::default();
        gate.close("https://h/a?secret", Duration::from_secs(30));
        gate.close("https://h/b", Duration::from_secs(5));
        let before = Instant::now();
        gate.pass("https://other/").await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        gate.pass("https://h/c").await;
        assert!(before.elapsed() >= Duration::from_secs(30));
    }
}
