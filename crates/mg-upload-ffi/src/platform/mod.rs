//! What systems do differently, a module each. Each gives the same: threads that signals and cancellation leave alone, a library
//! that stays loaded, and how the state folder is kept for its owner.

#[cfg(target_vendor = "apple")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_vendor = "apple")]
pub(crate) use macos::stay_loaded;
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(crate) use unix::stay_loaded;
#[cfg(unix)]
pub(crate) use unix::{BlockedSignals, HeldCancellation, access};
#[cfg(windows)]
pub(crate) use windows::{BlockedSignals, HeldCancellation, access, stay_loaded};
