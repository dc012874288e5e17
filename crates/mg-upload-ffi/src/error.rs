//! Errors as objects: read by accessors, freed by their owner. There is no "last error of this thread", for the
//! thread that fails is not the one that asks.

use mg_upload::{Error, Failure, report};
use serde_json::json;

use crate::guard::catch;
use crate::status::mgu_status;
use crate::text::mgu_text;

/// A failure. Received from a function's `error` output it belongs to the caller; received from mgu_operation_error
/// it belongs to the operation.
#[derive(Debug)]
pub struct mgu_error {
    status: mgu_status,
    message: String,
    details: String,
}

/// How tokio's panic begins that tells of a thread which the system did not give.
const NO_THREAD: &str = "OS can't spawn worker thread: ";

impl mgu_error {
    pub(crate) fn of(failure: &Failure) -> Box<mgu_error> {
        let mut details = report::failure(&failure.error);
        details["openUpload"] = json!(failure.open);
        mgu_error::new(failure.kind().into(), report::message(&failure.error), details)
    }

    pub(crate) fn panic(message: &str) -> Box<mgu_error> {
        // Where the runtime gets no thread it has no other way to say so. The system's refusal is no fault in here.
        if let Some((_, why)) = message.split_once(NO_THREAD) {
            let error = Error::OutOfResources { what: "further thread", why: why.into() };
            return mgu_error::of(&error.into());
        }
        let details = json!({ "kind": "Panic", "message": message, "innerCodes": [], "headers": [] });
        mgu_error::new(
            mgu_status::MGU_STATUS_PANIC,
            format!("a fault inside the library: {message}"),
            details,
        )
    }

    fn new(status: mgu_status, message: String, mut details: serde_json::Value) -> Box<mgu_error> {
        details["status"] = json!(status as i32);
        Box::new(mgu_error { status, message, details: details.to_string() })
    }

    pub(crate) fn status(&self) -> mgu_status {
        self.status
    }
}

/// Hands a failure to the caller, if it wants one.
///
/// # Safety
/// `error` is NULL or points to writable space for a pointer.
pub(crate) unsafe fn write_error(error: *mut *mut mgu_error, failure: Box<mgu_error>) {
    if !error.is_null() {
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { error.write(Box::into_raw(failure)) };
    }
}

fn read<R>(error: *const mgu_error, none: R, accessor: impl FnOnce(&mgu_error) -> R) -> R {
    // SAFETY: the exports below demand NULL or a live error.
    let Some(error) = (unsafe { error.as_ref() }) else { return none };
    catch(|| accessor(error)).unwrap_or(none)
}

/// Returns the status that the failed function returned or that the operation ended with. NULL gives
/// MGU_STATUS_INVALID_INPUT.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_error_status(error: *const mgu_error) -> mgu_status {
    read(error, mgu_status::MGU_STATUS_INVALID_INPUT, mgu_error::status)
}

/// Returns what went wrong: one phrase, without secrets. The text lives as long as the error. NULL gives an empty
/// text.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_error_message(error: *const mgu_error) -> mgu_text {
    read(error, mgu_text::EMPTY, |error| mgu_text::borrowed(&error.message))
}

/// Returns all that is known of the failure as a JSON object: kind, status, message, httpStatus, code, innerCodes,
/// graphMessage, requestId, clientRequestId, date, retryAfterSeconds, attempts, elapsedMillis, method, target, withToken
/// (whether a token went along), headers, body (its first 4 KiB), openUpload (the id of the upload that is open and can
/// be gone on with), and of what the library itself has found a reason (noToken, inUse, notCommitted, incomplete, finished,
/// noLength, journal, unknownId, notDraft, messageTooLarge, contentType; tooSmall and tooLarge with the family of the
/// session), or, where the service has another hash, the item that is in place. The text lives as long as the error. NULL gives an empty text.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_error_details(error: *const mgu_error) -> mgu_text {
    read(error, mgu_text::EMPTY, |error| mgu_text::borrowed(&error.details))
}

/// Frees an error that the caller owns. NULL is allowed.
///
/// # Safety
/// `error` is NULL or an error that a function wrote to its `error` output and that has not been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_error_free(error: *mut mgu_error) {
    if !error.is_null() {
        // SAFETY: made by Box::into_raw, and not freed before, by this function's own contract.
        let error = unsafe { Box::from_raw(error) };
        let _ = catch(|| drop(error));
    }
}
