//! No panic leaves the library: unwinding into C is undefined, and a message on stderr spoils a shell's screen.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use mg_upload::Error;

use crate::error::{mgu_error, write_error};
use crate::guest::without_cancellation;
use crate::status::mgu_status;

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Panics of this library's threads are kept for the error instead of printed; those of others go their way.
fn keep_panic_messages() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let ours = INSIDE.with(|depth| *depth.borrow() > 0)
                || std::thread::current().name().is_some_and(|name| name == crate::lanes::WORKER_NAME);
            if ours {
                LAST_PANIC.with(|slot| *slot.borrow_mut() = Some(panic.to_string()));
            } else {
                previous(panic);
            }
        }));
    });
}

thread_local! {
    static INSIDE: RefCell<u32> = const { RefCell::new(0) };
}

/// Runs `work`; a panic becomes `Err` with its message.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    keep_panic_messages();
    INSIDE.with(|depth| *depth.borrow_mut() += 1);
    // Whatever `work` was changing is dropped or behind a lock that ignores poison.
    let result = catch_unwind(AssertUnwindSafe(|| without_cancellation(work)));
    INSIDE.with(|depth| *depth.borrow_mut() -= 1);
    result.map_err(|_| last_panic())
}

/// The message of this thread's last panic.
pub(crate) fn last_panic() -> String {
    LAST_PANIC.with(|slot| slot.borrow_mut().take()).unwrap_or_else(|| "a panic without a message".into())
}

/// Runs the inner function of an export: its status, with the error written where the caller wants it.
///
/// # Safety
/// `error` is NULL or points to writable space for a pointer.
pub(crate) unsafe fn guard(
    error: *mut *mut mgu_error,
    work: impl FnOnce() -> Result<(), Error>,
) -> mgu_status {
    let failure = match catch(work) {
        Ok(Ok(())) => return mgu_status::MGU_STATUS_OK,
        Ok(Err(error)) => mgu_error::of(&error.into()),
        Err(panic) => mgu_error::panic(&panic),
    };
    let status = failure.status();
    // SAFETY: by this function's own contract.
    unsafe { write_error(error, failure) };
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let mut error = std::ptr::null_mut();
        // SAFETY: `error` is writable.
        let status = unsafe { guard(&raw mut error, || panic!("the {} broke", "wheel")) };
        assert_eq!(status, mgu_status::MGU_STATUS_PANIC);
        // SAFETY: written by guard, and freed here.
        let error = unsafe { Box::from_raw(error) };
        // SAFETY: a live error.
        let details = unsafe { crate::error::mgu_error_details(&raw const *error) };
        // SAFETY: a text of a live error.
        assert!(unsafe { details.read("details") }.unwrap().contains("the wheel broke"));
    }
}
