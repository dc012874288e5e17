//! The library is a guest in its host's process: the host's signals, threads and forks stay the host's.

use mg_upload::Error;

use crate::platform;

/// Runs `work` with every signal blocked, and gives the calling thread its mask back. A thread inherits the mask of the
/// one that makes it: those made meanwhile, and those that they make, never take a signal from the host, run its handlers,
/// or die of SIGPIPE. What happens upon a signal stays as the host has it.
pub(crate) fn without_signals<R>(work: impl FnOnce() -> R) -> R {
    let _blocked = platform::BlockedSignals::new();
    work()
}

/// Runs `work` without heeding pthread_cancel, which would unwind through it and end the process. A cancel that comes
/// meanwhile is heeded at the thread's next cancellation point.
pub(crate) fn without_cancellation<R>(work: impl FnOnce() -> R) -> R {
    let _held = platform::HeldCancellation::new();
    work()
}

/// Keeps the library in memory when the host closes it: threads wind down after their client is freed.
pub(crate) fn stay_loaded() -> Result<(), Error> {
    platform::stay_loaded()
        .map_err(|error| Error::Unexpected(format!("the library cannot be kept in memory: {error}")))
}

/// The process that something was made in. A fork takes the memory along, and none of the threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home(u32);

impl Home {
    pub(crate) fn here() -> Home {
        Home(std::process::id())
    }

    pub(crate) fn is_here(self) -> bool {
        self.0 == std::process::id()
    }

    pub(crate) fn check(self) -> Result<(), Error> {
        if self.is_here() {
            return Ok(());
        }
        Err(Error::InvalidInput(format!(
            "the client was made by process {}, and its threads are there: a fork makes a client of its own",
            self.0
        )))
    }
}
