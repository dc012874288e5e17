//! Uploads that a crash, a cut or a cancel has left open: listed, and gone on with.

use std::sync::Arc;

use mg_upload::report;

use crate::client::{Shared, mgu_client};
use crate::error::mgu_error;
use crate::operation::mgu_operation;
use crate::options::{MGU_RESUME_FORCE, mgu_upload_options, read_options};
use crate::start::{Context, start, start_with, until};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// Starts to read what this user's journal has on record. The result is a JSON object: `open`, a list of id, path, family,
/// length (null where the file was never there to look at), position, chunk, created, expires, running (whether a process
/// feeds it now), name, destination; and `unreadable`, a list of file and why; and `trees`, what mgu_tree_start was not let
/// bring to an end: id, created, running, destination (as in its result), request, standing (null, or how far it had come:
/// done and known, files; walked, whether all were known; bytesDone, bytesTotal). Upload URLs are not told. Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL); the operation ends with MGU_STATUS_STATE_UNUSABLE for a
/// folder that cannot be read, or that others can write in.
///
/// # Safety
/// `client` is NULL or live; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_journal_list_start(
    client: *const mgu_client,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, _: &str| {
        start(client, async move |shared, Context { cancel, .. }| {
            let entries = until(&cancel, shared.client.open_uploads()).await?;
            let trees = until(&cancel, shared.client.open_trees()).await?;
            Ok(report::journal(&entries, &trees))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (mgu_text::EMPTY, "nothing"), operation, error, work) }
}

/// Starts to go on with the upload that the journal has on record under `id`. `options` may be NULL; its chunk_bytes 0
/// means the fragment size of the record, and its flags may hold MGU_RESUME_FORCE as well. The file is compared with the record
/// first (length, time, sampled blocks). The result is that of mgu_session_upload_start. Ownership as there.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, unknown flags); the operation ends with
/// MGU_STATUS_INVALID_INPUT for an id that is not on record, MGU_STATUS_SOURCE_CHANGED for another file, and
/// MGU_STATUS_CONFLICT where another process feeds the session.
///
/// # Safety
/// `client` is NULL or live; `id` is readable; `options` is NULL or readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_journal_resume_start(
    client: *const mgu_client,
    id: mgu_text,
    options: *const mgu_upload_options,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, id: &str| {
        // SAFETY: by this function's own contract.
        let options = unsafe { read_options(options, MGU_RESUME_FORCE) }?;
        let id = id.to_owned();
        start(client, async move |shared, Context { progress, cancel }| {
            let resumed = shared.client.resume(&id, options, Arc::clone(&progress), &cancel).await?;
            Ok(report::uploaded(&resumed, &progress.snapshot()))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (id, "id"), operation, error, work) }
}
