//! Rows on their way to whoever takes them. Bounded: where nobody takes any, the work waits.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::locked::locked;

/// Rows that are kept for whoever takes them.
const ROOM: usize = 256;
/// How long a row may lie there before whoever waits for it looks again. Small files are settled several in that time: being woken
/// for each of them would cost a tenth of what sending them does.
const SWARM: Duration = Duration::from_millis(2);

/// What taking a row brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A row: JSON.
    Row(String),
    /// None yet.
    NotYet,
    /// No more.
    End,
}

/// The rows of a run.
#[derive(Debug, Default)]
pub struct Rows {
    state: Mutex<State>,
    filled: Condvar,
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<String>,
    ended: bool,
    /// Who waits to be woken.
    waiting: usize,
}

impl Rows {
    /// Adds a row, once there is room for it.
    pub(crate) async fn push(&self, row: String) {
        loop {
            let room = self.room.notified();
            {
                let mut state = self.state();
                if state.queue.len() < ROOM {
                    state.queue.push_back(row);
                    if state.waiting > 0 {
                        self.filled.notify_one();
                    }
                    if state.queue.len() < ROOM {
                        // Another may wait beside this one.
                        self.room.notify_one();
                    }
                    return;
                }
            }
            room.await;
        }
    }

    /// Adds a row whether or not there is room.
    pub(crate) fn push_at_once(&self, row: String) {
        self.state().queue.push_back(row);
        self.filled.notify_one();
    }

    /// There will be no more.
    pub fn end(&self) {
        self.state().ended = true;
        self.filled.notify_all();
    }

    /// Takes the next row, and waits for it so long.
    pub fn take(&self, limit: Duration) -> Taken {
        let until = Instant::now().checked_add(limit);
        let mut state = self.state();
        let mut has_looked = false;
        loop {
            if let Some(row) = state.queue.pop_front() {
                self.room.notify_one();
                return Taken::Row(row);
            }
            let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
            match (state.ended, left.is_zero()) {
                (true, _) => return Taken::End,
                (false, true) => return Taken::NotYet,
                (false, false) => {}
            }
            if !std::mem::replace(&mut has_looked, true) {
                drop(state);
                std::thread::sleep(left.min(SWARM));
                state = self.state();
                continue;
            }
            state.waiting += 1;
            state = self.filled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn who_waits_is_woken_by_the_end() {
        let rows = Arc::new(Rows::default());
        let taker = Arc::clone(&rows);
        let began = Instant::now();
        let taken = std::thread::spawn(move || taker.take(Duration::from_secs(60)));
        while rows.state().waiting == 0 {
            std::thread::yield_now();
        }
        rows.end();
        assert_eq!(taken.join().unwrap(), Taken::End);
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test]
    async fn the_work_waits_for_who_takes() {
        let rows = Arc::new(Rows::default());
        assert_eq!(rows.take(Duration::ZERO), Taken::NotYet);
        let all = ROOM * 3;
        let maker = Arc::clone(&rows);
        let made = tokio::spawn(async move {
            let halves = [0, all / 2].map(|from| {
                let rows = Arc::clone(&maker);
                async move {
                    for number in from..from + all / 2 {
                        rows.push(number.to_string()).await;
                    }
                }
            });
            futures_util::future::join_all(halves).await;
            maker.end();
        });
        let taker = Arc::clone(&rows);
        let taken = tokio::task::spawn_blocking(move || {
            let mut taken = Vec::new();
            while let Taken::Row(row) = taker.take(Duration::from_secs(10)) {
                assert!(taker.state().queue.len() <= ROOM);
                taken.push(row.parse::<usize>().unwrap());
            }
            taken
        });
        let mut taken = taken.await.unwrap();
        made.await.unwrap();
        taken.sort_unstable();
        assert_eq!(taken, (0..all).collect::<Vec<_>>());
        assert_eq!(rows.take(Duration::from_secs(10)), Taken::End);
    }
}
