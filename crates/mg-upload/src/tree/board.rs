//! Between who finds files and who sends them.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

use super::queue::Queue;

use crate::locked::locked;

/// Files that wait, shared by the two.
#[derive(Debug)]
pub struct Board<J> {
    state: Mutex<State<J>>,
    /// Something was added, or nothing will be any more.
    pub more: Notify,
    room: Notify,
}

#[derive(Debug)]
struct State<J> {
    queue: Queue<J>,
    is_complete: bool,
}

impl<J> Default for Board<J> {
    fn default() -> Self {
        let state = State { queue: Queue::default(), is_complete: false };
        Board { state: Mutex::new(state), more: Notify::new(), room: Notify::new() }
    }
}

impl<J> Board<J> {
    /// Adds a file once there is room. One adds at a time.
    pub async fn add(&self, length: u64, job: J) {
        loop {
            if self.state().queue.has_room() {
                self.state().queue.push(length, job);
                return self.more.notify_one();
            }
            self.room.notified().await;
        }
    }

    /// Nothing will be added any more.
    pub fn complete(&self) {
        self.state().is_complete = true;
        self.more.notify_one();
    }

    /// The next file, as [`Queue::take`] has it.
    pub fn take(&self, running: usize, large: usize, at_once: usize) -> Option<J> {
        let job = self.state().queue.take(running, large, at_once)?;
        self.room.notify_one();
        Some(job)
    }

    /// Whether nothing waits and nothing will.
    pub fn is_over(&self) -> bool {
        let state = self.state();
        state.is_complete && state.queue.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        locked(&self.state)
    }
}
