//! What is done with sessions: create, describe, ask, cancel, upload. Each starts an operation.

use std::path::PathBuf;
use std::sync::Arc;

use mg_upload::Response;
use mg_upload::{ConflictBehavior, CreateRequest, Error, Named, UploadOptions, describe, report};
use serde::Deserialize;

use crate::client::{Shared, mgu_client};
use crate::error::mgu_error;
use crate::operation::mgu_operation;
use crate::options::mgu_upload_options;
use crate::start::{Context, ended, parse, start, start_with, start_with_file, until};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// Starts to create an upload session. `request` is a JSON object: `route` (one of the table at the end of this header,
/// such as "MgUserDriveItemUploadSession"), `ids` (an object of the ids in its path, as texts, by the names in the table),
/// `headers` (pairs; may be left out), `body` (a JSON object, sent byte for byte). The result is a JSON object: status,
/// headers (pairs), family, attempts, body (the answer's text), origin (the request as it was understood, which makes
/// the very session again); it can be handed as it is to the functions that take a session. On success `*operation` is the caller's, to be freed with mgu_operation_free; on
/// failure it is untouched and `*error` is the caller's.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, no such route, a missing id, a bad header, a body
/// that not every reader would take).
///
/// # Safety
/// `client` is NULL or live; `request` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_create_start(
    client: *const mgu_client,
    request: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let described = describe(parse(json, "create request")?, client.client.endpoint())?;
        start(client, async move |shared, Context { progress, cancel }| {
            let created = until(&cancel, shared.client.create_session(&described, &progress)).await?;
            Ok(report::created(&created))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (request, "request"), operation, error, work) }
}

/// Starts nothing on the wire: checks a create request (see mgu_session_create_start) and ends with what would be sent,
/// a JSON object: method, path, family, headers (without the token), body.
/// Ownership and returns as mgu_session_create_start.
///
/// # Safety
/// As mgu_session_create_start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_describe_start(
    client: *const mgu_client,
    request: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let described = describe(parse(json, "create request")?, client.client.endpoint())?;
        Ok(ended(client, &report::described(&described)))
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (request, "request"), operation, error, work) }
}

/// An HTTP answer that the caller received by itself.
#[derive(Deserialize)]
struct ForeignAnswer {
    request: CreateRequest,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Starts nothing on the wire: reads an answer to a create request that the caller has sent by itself (see
/// mgu_session_describe_start) exactly as if mgu_session_create_start had received it. `answer` is a JSON object:
/// `request` (the create request), `status`, `headers` (pairs), `body` (text). The operation ends as that of
/// mgu_session_create_start would: with the same result, or with the error that the answer stands for.
/// Ownership and returns as mgu_session_create_start.
///
/// # Safety
/// As mgu_session_create_start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_read_start(
    client: *const mgu_client,
    answer: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let ForeignAnswer { request, status, headers, body } = parse(json, "answer")?;
        let answer = Response { status, headers, body: body.into_bytes() };
        start(client, async move |shared, _| {
            Ok(report::created(&shared.client.read_foreign(request, answer).await?))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (answer, "answer"), operation, error, work) }
}

/// Starts to ask the service for a session's state. `session` is a JSON object: `uploadUrl`, and where known `family`
/// ("drive", "outlook", "todo", "print"; else told from the URL), `expirationDateTime`, `nextExpectedRanges`, `origin` (the
/// create request that made it); or the result of mgu_session_create_start; or an object with `journalId`, the id of an
/// upload that mgu_journal_list_start has told. The result is a JSON object: status, headers,
/// family, attempts, body. Ownership as there.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, no session, no upload URL, neither https nor
/// loopback). The operation ends with MGU_STATUS_INVALID_INPUT for a `journalId` that is not on record.
///
/// # Safety
/// `client` is NULL or live; `session` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_query_start(
    client: *const mgu_client,
    session: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let named = Named::from_json(json)?;
        start(client, async move |shared, Context { progress, cancel }| {
            let session = until(&cancel, shared.client.open(named)).await?;
            let state = until(&cancel, shared.client.query_session(&session, &progress)).await?;
            Ok(report::answered(&state))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (session, "session"), operation, error, work) }
}

/// Starts to cancel a session at the service. `session` as in mgu_session_query_start. The result is a JSON object:
/// alreadyGone. Ownership and returns as mgu_session_query_start.
///
/// # Safety
/// As mgu_session_query_start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_cancel_start(
    client: *const mgu_client,
    session: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let named = Named::from_json(json)?;
        start(client, async move |shared, Context { progress, cancel }| {
            let session = until(&cancel, shared.client.open(named)).await?;
            until(&cancel, shared.client.cancel_session(&session, &progress)).await.map(report::cancelled)
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (session, "session"), operation, error, work) }
}

/// Starts to upload the file at `path` (absolute) into a session (as in mgu_session_query_start). `options` may be NULL
/// for the defaults. The library reads the file itself; it has let go of it when the operation has ended. A failed or
/// cancelled upload leaves the session as it is. The result is a JSON object: path, family, length, bytesSent, requests,
/// retries, elapsedMillis, throttledMillis, status, headers, item, location, committed, hash, sha256,
/// serviceHash, integrity, warnings.
/// Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (as mgu_session_query_start; an `options->size` that the
/// struct has never had).
///
/// # Safety
/// `client` is NULL or live; the texts are readable; `options` is NULL or readable; `operation` and `error` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_upload_start(
    client: *const mgu_client,
    session: mgu_text,
    path: mgu_text,
    options: *const mgu_upload_options,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str, path: PathBuf, options: UploadOptions| {
        let named = Named::from_json(json)?;
        start(client, async move |shared, Context { progress, cancel }| {
            let session = until(&cancel, shared.client.open(named)).await?;
            let uploaded =
                shared.client.upload(session, &path, options, Arc::clone(&progress), &cancel).await?;
            Ok(report::uploaded(&uploaded, &progress.snapshot()))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with_file(client, (session, "session"), (path, options), operation, error, work) }
}

/// Starts to commit a session that has all its bytes: one whose commit the caller has deferred, or one whose commit has
/// failed. `session` as in mgu_session_query_start. `conflict` is "fail", "replace", "rename", or empty for the session's
/// own behaviour. The result is a JSON object: item. Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (as mgu_session_query_start; an unknown `conflict`).
///
/// # Safety
/// `client` is NULL or live; the texts are readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_session_commit_start(
    client: *const mgu_client,
    session: mgu_text,
    conflict: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let named = Named::from_json(json)?;
        // SAFETY: by this function's own contract.
        let conflict = read_conflict(unsafe { conflict.read("conflict") }?)?;
        start(client, async move |shared, Context { progress, cancel }| {
            let session = until(&cancel, shared.client.open(named)).await?;
            let item = until(&cancel, shared.client.commit_session(&session, conflict, &progress)).await?;
            Ok(report::committed(&item))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (session, "session"), operation, error, work) }
}

fn read_conflict(text: &str) -> Result<Option<ConflictBehavior>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let known = serde_json::from_value(serde_json::Value::String(text.to_ascii_lowercase()));
    known.map(Some).map_err(|_| {
        Error::InvalidInput(format!("'{text}' is no conflict behavior: fail, replace or rename"))
    })
}
