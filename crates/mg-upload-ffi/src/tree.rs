//! Whole trees: started as one operation, told file by file.

use std::sync::Arc;
use std::time::Duration;

use mg_upload::{Error, Rows, Taken, TreeRequest};
use serde_json::json;

use crate::client::{Shared, mgu_client};
use crate::error::mgu_error;
use crate::guard::guard;
use crate::operation::{look, mgu_operation};
use crate::pointer::{borrow, writable};
use crate::start::{Context, start, start_with, until};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// What is sent.
enum Tree {
    New(Box<TreeRequest>),
    OnRecord(String),
}

fn start_tree(client: &Arc<Shared>, tree: Tree) -> Result<Box<mgu_operation>, Error> {
    let rows = Arc::new(Rows::default());
    let told = Arc::clone(&rows);
    let started = start(client, async move |shared, Context { progress, cancel }| {
        let sent = match &tree {
            Tree::New(request) => shared.client.send_tree(request, &progress, &told, &cancel).await,
            Tree::OnRecord(id) => shared.client.resume_tree(id, &progress, &told, &cancel).await,
        };
        told.end();
        Ok(sent?.report(&progress))
    })?;
    Ok(Box::new(mgu_operation { rows: Some(rows), ..*started }))
}

/// Starts to send files and folders to a folder of a drive, several files at once. `request` is a JSON object; what may be
/// left out is in brackets, with its default:
/// `sources`: a list of `path` and [`contents`: false; of a folder, what it holds without the folder itself] and [`found`:
/// false; else patterns are for the source too, as for what a wildcard has found] and, of an only source, [`name`: its own];
/// [`recurse`: false; else folders fail]; [`include`: all], [`exclude`: none]: wildcards of names, or with a slash of paths
/// below the source; [`hidden`: false]; [`links`: "skip", or "follow"]; [`cloudOnly`: false; else files that are in a
/// cloud and not here are read too];
/// `destination`: `driveId`, `userId` ("me" for one's own), `groupId`, `siteId` or `siteUrl` with [`library`], `teamId` with
/// `channelId`, or `url` (a folder's address in a browser, or a sharing link), and [`path`: a folder below it, made where
/// it is not there];
/// [`ifExists`: "fail", "replace" (but no newer file), "rename", "skip"]; [`force`: false; sends all, and replaces whatever
/// is there]; [`preserveTime`: as true, but that empty files have the time of their upload: theirs takes a request more; with
/// false all have it, and up to 4 MiB are sent with one request]; [`throttleLimit`: files at once, at
/// most; 8, and of several machines 16 for all together]; [`shard`: null, or `index` from 0 and `count`];
/// [`nameMap`: null, "fullwidth", or an object of single characters and what stands in their place];
/// [`dryRun`: false; nothing is made or sent].
/// Nothing is deleted, here or there. The operation's progress has the sums of all files. Its result is a JSON object:
/// sums (uploaded, unchanged, skipped, failed, wouldUpload, filtered, foldersMade, bytesUploaded, bytesUnchanged), files,
/// destination (driveId, itemId, path, webUrl, driveType), bytesSent, requests, retries, elapsedMillis, throttledMillis.
/// What becomes of each file, mgu_tree_next tells; that a file fails is no failure of the operation. It fails without a
/// destination, without a valid token, without space, and where it is cancelled; the same request again goes on.
/// Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, a request that cannot be carried out).
///
/// # Safety
/// `client` is NULL or live; `request` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_tree_start(
    client: *const mgu_client,
    request: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let request = TreeRequest::from_json(json)?;
        start_tree(client, Tree::New(Box::new(request)))
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (request, "request"), operation, error, work) }
}

/// Starts to go on with the tree that mgu_journal_list_start tells under `id`, as mgu_tree_start would with its request. The
/// operation is the same, and so are its rows. Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8); the operation ends with MGU_STATUS_INVALID_INPUT for
/// an id that is not on record, a tree of another endpoint, and one whose destination leads to another drive by now, as it does
/// where another account has signed in; with MGU_STATUS_SOURCE_MISSING where none of its sources is there, and with
/// MGU_STATUS_CONFLICT where another process sends it. It stays on record then.
///
/// # Safety
/// `client` is NULL or live; `id` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_tree_resume_start(
    client: *const mgu_client,
    id: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, id: &str| start_tree(client, Tree::OnRecord(id.to_owned()));
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (id, "id"), operation, error, work) }
}

/// Starts to give up the tree that mgu_journal_list_start tells under `id`: sessions that only its record knows are ended, and
/// it is no more on record. What has arrived stays; sessions that are on record themselves are mgu_session_cancel_start's.
/// The result is a JSON object: sessions, how many were ended. No token is needed. Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8); the operation ends with MGU_STATUS_INVALID_INPUT for
/// an id that is not on record, and with MGU_STATUS_CONFLICT where a process sends the tree.
///
/// # Safety
/// `client` is NULL or live; `id` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_tree_forget_start(
    client: *const mgu_client,
    id: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, id: &str| {
        let id = id.to_owned();
        start(client, async move |shared, Context { progress, cancel }| {
            let sessions = until(&cancel, shared.client.forget_tree(&id, &progress)).await?;
            Ok(json!({ "sessions": sessions }))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (id, "id"), operation, error, work) }
}

/// Takes the next row of a tree's operation, and waits for it for `millis` at most (0: only looks). Each file of the tree is
/// one row, told once, as soon as it is settled, and so is a folder that has none and cannot be made; rows are kept for a
/// while only: where nobody takes any, the work waits.
/// A row is a JSON object: path, destination (the path in the drive), name (there), itemId, webUrl, length, status
/// ("uploaded", "unchanged", "skipped", "failed", "wouldUpload"), reason (one word, or null), integrity (as in the result of
/// mgu_session_upload_start, of a file that was sent), error (null, or the details of an error as mgu_error_details has them),
/// warnings, elapsedMs. Reasons: of "unchanged" sizeAndTime, hash, sentBefore, time; of "skipped" exists, link, loop, special,
/// cloudOnly; of "wouldUpload" new, replaces, renamed, compared; of "failed" exists, destinationNewer, folderInPlace,
/// invalidName, reservedName, nameTooLong, pathTooLong, caseCollision, normalizationCollision, danglingLink, folder;
/// of what the service refuses locked, checkedOut, retention, sensitivityLabel, policy, requiredColumn, and null where only
/// the error says it.
/// Returns MGU_STATUS_OK and writes the row; MGU_STATUS_PENDING where none has come yet; MGU_STATUS_END after the last, which
/// also an operation that failed comes to; MGU_STATUS_INVALID_INPUT for a NULL and for an operation that is no tree's. The
/// text belongs to the operation and lives until the next call for it: one thread at a time.
///
/// # Safety
/// `operation` is NULL or live, and no other thread is in this call for it; `json` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_tree_next(
    operation: *const mgu_operation,
    millis: u32,
    json: *mut mgu_text,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let mut status = mgu_status::MGU_STATUS_OK;
    let inner = || {
        writable(json, "json")?;
        // SAFETY: by this function's own contract.
        let operation = unsafe { borrow(operation, "operation") }?;
        operation.client.home.check()?;
        let rows = operation.rows.as_ref();
        let rows = rows.ok_or_else(|| Error::InvalidInput("this operation is no tree's".into()))?;
        // First this: what it has told by its end is all.
        let ended = operation.cell.has_ended();
        match rows.take(Duration::from_millis(millis.into())) {
            Taken::Row(row) => {
                let handed_out = operation.cell.hand_out(row);
                // SAFETY: not NULL, and writable by this function's own contract.
                unsafe { json.write(handed_out) };
            }
            Taken::NotYet if !ended => status = mgu_status::MGU_STATUS_PENDING,
            Taken::NotYet | Taken::End => status = mgu_status::MGU_STATUS_END,
        }
        Ok(())
    };
    // SAFETY: by this function's own contract.
    let done = unsafe { guard(error, inner) };
    if done == mgu_status::MGU_STATUS_OK { status } else { done }
}

/// Writes the files of a tree's operation that are being sent now: a JSON array of objects with path, sent (bytes) and size;
/// empty before and after, and where it is no tree's. The text belongs to the operation and lives until the next call for
/// it: one thread at a time.
/// Returns MGU_STATUS_OK, or MGU_STATUS_BAD_CALL for a NULL and in a fork of the process that has started it.
///
/// # Safety
/// `operation` is NULL or live, and no other thread is in this call for it; `json` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_tree_running(
    operation: *const mgu_operation,
    json: *mut mgu_text,
) -> mgu_status {
    let work = |operation: &mgu_operation| {
        let cell = &operation.cell;
        writable(json, "json")?;
        let running = cell.hand_out_running(json!(cell.progress.running_files()).to_string());
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { json.write(running) };
        Ok(mgu_status::MGU_STATUS_OK)
    };
    // SAFETY: by this function's own contract.
    unsafe { look(operation, work) }
}
