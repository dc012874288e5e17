//! The library is a guest in its host's process: the host's signals, threads and forks stay the host's.

use mg_upload::Error;

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

#[cfg(unix)]
mod platform {
    use std::ffi::c_int;
    use std::io;
    use std::mem::MaybeUninit;
    use std::ptr::null_mut;

    pub(super) struct BlockedSignals {
        before: libc::sigset_t,
    }

    impl BlockedSignals {
        pub(super) fn new() -> BlockedSignals {
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

    #[cfg(not(target_os = "android"))]
    mod cancellation {
        use super::c_int;

        /// `PTHREAD_CANCEL_DISABLE` of the platform's pthread.h; the libc crate has neither.
        pub(super) const DISABLE: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

        unsafe extern "C" {
            pub(super) fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
        }
    }

    /// Android knows no pthread_cancel.
    #[cfg(target_os = "android")]
    mod cancellation {
        use super::c_int;

        pub(super) const DISABLE: c_int = 0;

        pub(super) unsafe fn pthread_setcancelstate(_: c_int, _: *mut c_int) -> c_int {
            0
        }
    }

    pub(super) struct HeldCancellation {
        before: c_int,
    }

    impl HeldCancellation {
        pub(super) fn new() -> HeldCancellation {
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
    pub(super) fn stay_loaded() -> io::Result<()> {
        Ok(())
    }

    #[cfg(target_vendor = "apple")]
    pub(super) fn stay_loaded() -> io::Result<()> {
        let mut library = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: any address may be asked for, and `library` can be written.
        if unsafe { libc::dladdr(stay_loaded as *const libc::c_void, library.as_mut_ptr()) } == 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        // SAFETY: dladdr has filled it in.
        let path = unsafe { library.assume_init() }.dli_fname;
        let flags = libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: the path is a terminated text of the loader's.
        if unsafe { libc::dlopen(path, flags) }.is_null() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(())
    }
}

#[cfg(windows)]
mod platform {
    use std::ffi::c_void;
    use std::io;

    /// Windows has no signals that a thread could block.
    pub(super) struct BlockedSignals;

    impl BlockedSignals {
        pub(super) fn new() -> BlockedSignals {
            BlockedSignals
        }
    }

    /// Nor does it cancel threads.
    pub(super) struct HeldCancellation;

    impl HeldCancellation {
        pub(super) fn new() -> HeldCancellation {
            HeldCancellation
        }
    }

    const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
    const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    }

    pub(super) fn stay_loaded() -> io::Result<()> {
        let mut module = std::ptr::null_mut();
        let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        // SAFETY: an address inside this library, and a place for its handle.
        match unsafe { GetModuleHandleExW(flags, stay_loaded as *const c_void, &raw mut module) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}
