//! Unix: signals, threads that are cancelled, modes.

use std::ffi::c_int;
#[cfg(not(target_vendor = "apple"))]
use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

use mg_upload::journal::Access;

pub(crate) struct BlockedSignals {
    before: libc::sigset_t,
}

impl BlockedSignals {
    pub(crate) fn new() -> BlockedSignals {
        let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::zeroed());
        // SAFETY: `all` can be written.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        // SAFETY: `all` has been filled, and `before` can be written.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: filled in; and where it were not, zero bytes are a set too.
        BlockedSignals { before: unsafe { before.assume_init() } }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: a set that pthread_sigmask has filled in.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, null_mut()) };
    }
}

mod cancellation {
    use super::c_int;

    /// `PTHREAD_CANCEL_DISABLE` of the platform's pthread.h; the libc crate has neither.
    #[cfg(not(target_vendor = "apple"))]
    pub(super) const DISABLE: c_int = 1;
    #[cfg(target_vendor = "apple")]
    pub(super) use crate::platform::macos::PTHREAD_CANCEL_DISABLE as DISABLE;

    unsafe extern "C" {
        pub(super) fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }
}

pub(crate) struct HeldCancellation {
    before: c_int,
}

impl HeldCancellation {
    pub(crate) fn new() -> HeldCancellation {
        let mut before = 0;
        // SAFETY: `before` can be written.
        unsafe { cancellation::pthread_setcancelstate(cancellation::DISABLE, &raw mut before) };
        HeldCancellation { before }
    }
}

impl Drop for HeldCancellation {
    fn drop(&mut self) {
        // SAFETY: a state that the function itself has told. The new one of the two it has to be told is not wanted.
        unsafe { cancellation::pthread_setcancelstate(self.before, &raw mut self.before) };
    }
}

/// An ELF library is linked so (build.rs).
#[cfg(not(target_vendor = "apple"))]
#[expect(clippy::unnecessary_wraps, reason = "other platforms fail")]
pub(crate) fn stay_loaded() -> io::Result<()> {
    Ok(())
}

/// Modes keep files for their owner: the core sees to them itself.
pub(crate) fn access() -> Access {
    Access::default()
}
