//! One operation handle for every kind of work: wait, cancel, read the outcome, free.

use std::sync::Arc;
use std::time::Duration;

use mg_upload::{Error, Rows};
use serde_json::json;

use crate::cell::{Cell, keep};
use crate::client::Shared;
use crate::error::mgu_error;
use crate::guard::catch;
use crate::pointer::{borrow, writable};
use crate::progress::mgu_progress;
use crate::sized::{known_size, write_sized};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// Work under way, or its outcome.
pub struct mgu_operation {
    pub(crate) cell: Arc<Cell>,
    // Keeps the runtime alive.
    pub(crate) client: Arc<Shared>,
    /// Of a tree.
    pub(crate) rows: Option<Arc<Rows>>,
}

impl mgu_operation {
    pub(crate) fn of(cell: Arc<Cell>, client: &Arc<Shared>) -> Box<mgu_operation> {
        Box::new(mgu_operation { cell, client: Arc::clone(client), rows: None })
    }
}

/// Looks at an operation from the process that has started it.
///
/// # Safety
/// `operation` is NULL or live.
pub(crate) unsafe fn look(
    operation: *const mgu_operation,
    work: impl FnOnce(&mgu_operation) -> Result<mgu_status, Error>,
) -> mgu_status {
    let inner = || {
        // SAFETY: by this function's own contract.
        let operation = unsafe { borrow(operation, "operation") }?;
        operation.client.home.check()?;
        work(operation)
    };
    match catch(inner) {
        Ok(Ok(status)) => status,
        Ok(Err(_)) => mgu_status::MGU_STATUS_BAD_CALL,
        Err(_) => mgu_status::MGU_STATUS_PANIC,
    }
}

/// Waits until the operation has ended or `millis` have passed (0: only looks), and fills in `*progress` where it is not
/// NULL; from the end on its phase is MGU_PHASE_DONE.
/// Returns MGU_STATUS_PENDING while it runs, and at once MGU_STATUS_TOKEN_WANTED while it waits for a token, where its
/// client has token_wait_millis: one thread should answer, and others wait for more than that; then MGU_STATUS_OK, or the status that it failed with, which is that of
/// mgu_operation_error. MGU_STATUS_BAD_CALL, which no operation ends with, for a NULL operation, one of the process that
/// this is a fork of, and a `progress->size` that the struct has never had: nothing is written then. Any number of
/// threads may wait at once.
///
/// # Safety
/// `operation` is NULL or live; `progress` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_wait(
    operation: *const mgu_operation,
    millis: u32,
    progress: *mut mgu_progress,
) -> mgu_status {
    let work = |operation: &mgu_operation| {
        let cell = &operation.cell;
        if !progress.is_null() {
            // SAFETY: not NULL, and as long as its first field says, by this function's own contract.
            unsafe { known_size(progress.cast_const()) }?;
        }
        let wants = || operation.wanted().is_some();
        cell.wait(Duration::from_millis(millis.into()), wants);
        // The status first: counters read after the end are the final ones.
        let status = match cell.status() {
            mgu_status::MGU_STATUS_PENDING if wants() => mgu_status::MGU_STATUS_TOKEN_WANTED,
            status => status,
        };
        if !progress.is_null() {
            let counters = mgu_progress::of(&cell.progress.snapshot(), status);
            // SAFETY: accepted above, and writable by this function's own contract.
            unsafe { write_sized(progress, &counters) }?;
        }
        Ok(status)
    };
    // SAFETY: by this function's own contract.
    unsafe { look(operation, work) }
}

/// Takes what has happened since this was last called, also after the operation has ended: a JSON array, the oldest first,
/// or an empty text where there is nothing. Each item has a member event:
/// "pause" (reason: a name of mgu_wait_reason in one word, such as "Throttled"; status; waitMillis),
/// "request" (method, target: host and path of Graph or the host of an upload URL, range, status, fault, why, requestId,
/// clientRequestId, millis, body and answer of a request to Graph without secrets),
/// "shortOfSpace" (bytes: those of all files of a tree, more than what is there and what is free; free), or
/// "dropped" (count: so many that were not taken in time). No secret is in any of them.
/// The text belongs to the operation and lives until the next call for it: one thread at a time.
/// Returns MGU_STATUS_OK, or MGU_STATUS_BAD_CALL for a NULL and in a fork of the process that has started it.
///
/// # Safety
/// `operation` is NULL or live, and no other thread is in this call for it; `json` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_events(
    operation: *const mgu_operation,
    json: *mut mgu_text,
) -> mgu_status {
    let work = |operation: &mgu_operation| {
        let cell = &operation.cell;
        writable(json, "json")?;
        let events = cell.progress.take_events();
        let text = if events.is_empty() { String::new() } else { json!(events).to_string() };
        let handed_out = keep(&cell.events, text);
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { json.write(handed_out) };
        Ok(mgu_status::MGU_STATUS_OK)
    };
    // SAFETY: by this function's own contract.
    unsafe { look(operation, work) }
}

/// Asks the operation to stop, and returns at once. It then ends with MGU_STATUS_CANCELLED, and the upload session stays
/// and can be gone on with; but where it has ended already, or the file is in place and only its hash is waited for,
/// the outcome is what it would have been. May be called from any thread, also while others wait, and any number of
/// times. NULL is allowed.
///
/// # Safety
/// `operation` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_cancel(operation: *const mgu_operation) {
    // SAFETY: by this function's own contract.
    if let Some(operation) = unsafe { operation.as_ref() } {
        // In a fork nothing runs that could be cancelled, and a lock may be held by a thread that is not here.
        if operation.client.home.is_here() {
            let _ = catch(|| operation.cell.cancel.cancel());
        }
    }
}

/// Writes the JSON of a successful outcome to `*json`. The text belongs to the operation.
/// Returns MGU_STATUS_OK; MGU_STATUS_PENDING while it runs; MGU_STATUS_BAD_CALL for a NULL and in a fork; else the status
/// that it failed with. Only MGU_STATUS_OK writes.
///
/// # Safety
/// `operation` is NULL or live; `json` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_result(
    operation: *const mgu_operation,
    json: *mut mgu_text,
) -> mgu_status {
    let work = |operation: &mgu_operation| {
        let cell = &operation.cell;
        writable(json, "json")?;
        if let Some(Ok(result)) = cell.outcome.get() {
            // SAFETY: not NULL, and writable by this function's own contract.
            unsafe { json.write(mgu_text::borrowed(result)) };
        }
        Ok(cell.status())
    };
    // SAFETY: by this function's own contract.
    unsafe { look(operation, work) }
}

/// Returns why the operation failed, or NULL while it runs, after a success, and for NULL. The error belongs to the
/// operation and must not be freed.
///
/// # Safety
/// `operation` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_error(operation: *const mgu_operation) -> *const mgu_error {
    // SAFETY: by this function's own contract.
    let Some(operation) = (unsafe { operation.as_ref() }) else { return std::ptr::null() };
    match operation.cell.outcome.get() {
        Some(Err(error)) => &raw const **error,
        _ => std::ptr::null(),
    }
}

/// Frees an operation, its result and its error, and cancels it where it still runs. Never waits. NULL is allowed.
///
/// # Safety
/// `operation` is NULL or an operation that has not been freed and that no other thread is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_free(operation: *mut mgu_operation) {
    if !operation.is_null() {
        // SAFETY: made by Box::into_raw, and not freed before, by this function's own contract.
        let operation = unsafe { Box::from_raw(operation) };
        if !operation.client.home.is_here() {
            return std::mem::forget(operation);
        }
        let _ = catch(|| {
            operation.cell.cancel.cancel();
            drop(operation);
        });
    }
}

#[cfg(test)]
mod tests;
