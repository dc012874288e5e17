//! A token that an operation waits for.

use std::sync::{Mutex, OnceLock};

use crate::locked::locked;

/// Why a token is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// There is none.
    Missing,
    /// The present one ends soon.
    Ending,
    /// The service has refused the present one.
    Refused,
}

/// A token that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Tells questions apart; several operations may ask the same one.
    pub number: u64,
    /// Why.
    pub lack: Lack,
    /// What the service says that it must have, in base64.
    pub claims: Option<String>,
}

type Waker = Box<dyn Fn() + Send + Sync>;

/// What an operation's requests wait for, and who is to be woken for it.
#[derive(Default)]
pub(crate) struct Board {
    wanted: Mutex<Vec<Wanted>>,
    waker: OnceLock<Waker>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.first()).finish()
    }
}

/// A question that stands as long as this.
pub(crate) struct Asking<'a> {
    board: &'a Board,
    number: u64,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut wanted = locked(&self.board.wanted);
        if let Some(place) = wanted.iter().position(|wanted| wanted.number == self.number) {
            wanted.remove(place);
        }
    }
}

impl Board {
    pub(crate) fn put(&self, wanted: Wanted) -> Asking<'_> {
        let asking = Asking { board: self, number: wanted.number };
        locked(&self.wanted).push(wanted);
        if let Some(wake) = self.waker.get() {
            wake();
        }
        asking
    }

    pub(crate) fn first(&self) -> Option<Wanted> {
        locked(&self.wanted).first().cloned()
    }

    pub(crate) fn wake_by(&self, waker: Waker) {
        self.waker.get_or_init(|| waker);
    }
}
