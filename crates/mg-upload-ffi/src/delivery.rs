//! Files brought all the way to where they belong: attached to something, printed. Each starts an operation.

use std::path::PathBuf;
use std::sync::Arc;

use mg_upload::UploadOptions;
use mg_upload::attachment::{NewAttachment, Planned, Target};
use mg_upload::print_job::{NewJob, Printer};
use mg_upload::report;
use serde::Deserialize;

use crate::client::{Shared, mgu_client};
use crate::error::mgu_error;
use crate::operation::mgu_operation;
use crate::options::mgu_upload_options;
use crate::start::{Context, parse, start, start_with, start_with_file, until};
use crate::status::mgu_status;
use crate::text::mgu_text;

#[derive(Deserialize)]
struct Look {
    #[serde(flatten)]
    target: Target,
    #[serde(flatten)]
    planned: Planned,
}

#[derive(Deserialize)]
struct Attach {
    #[serde(flatten)]
    target: Target,
    #[serde(flatten)]
    attachment: NewAttachment,
}

/// Starts to look at what files are to be attached to, and attaches nothing. `request` is a JSON object: `route` and `ids`
/// as in mgu_session_create_start (of the rows of Outlook and To Do); `files`, a list of name, length and, where the body
/// shows it, contentId; and, where it is known, `sizeLimit`, what all attachments together may have as they travel. The
/// result is a JSON object: present (a list of id, name, size), already (for each file the attachment that may be it, or
/// null), encoded (all together as they travel; null where no sum is limited), isLarge (whether that is more than mailboxes
/// take as a rule), notShown (content ids that a message's body does not show). Ownership as mgu_session_create_start.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, no such request); the operation ends with
/// MGU_STATUS_INVALID_INPUT for a message that is no draft (reason notDraft) and for more than `sizeLimit` (messageTooLarge).
///
/// # Safety
/// `client` is NULL or live; `request` is readable; `operation` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_attachment_look_start(
    client: *const mgu_client,
    request: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let Look { target, planned } = parse(json, "such request")?;
        start(client, async move |shared, Context { progress, cancel }| {
            let look = shared.client.look_at_attachments(&target, &planned, &progress);
            until(&cancel, look).await.map(|standing| report::standing(&standing))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (request, "request"), operation, error, work) }
}

/// Starts to attach the file at `path` (absolute): in one request up to 3,000,000 bytes, else through a session. `request`
/// is a JSON object: `route` and `ids` as in mgu_attachment_look_start; `name`; and, where wanted, `contentType` (else that
/// of the name's extension), `isInline`, `contentId`. `options` and the result as in mgu_session_upload_start; a large file
/// can be gone on with as there.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, no such request, a path that is not absolute).
///
/// # Safety
/// `client` is NULL or live; the texts are readable; `options` is NULL or readable; `operation` and `error` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_attachment_send_start(
    client: *const mgu_client,
    request: mgu_text,
    path: mgu_text,
    options: *const mgu_upload_options,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str, path: PathBuf, options: UploadOptions| {
        let Attach { target, attachment } = parse(json, "such request")?;
        start(client, async move |shared, Context { progress, cancel }| {
            let (client, counted) = (&shared.client, Arc::clone(&progress));
            let attached = client.attach(&target, &attachment, &path, options, counted, &cancel).await?;
            Ok(report::uploaded(&attached, &progress.snapshot()))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with_file(client, (request, "request"), (path, options), operation, error, work) }
}

/// Starts to print the file at `path` (absolute): makes a job, sends its document, starts it. `request` is a JSON object:
/// `printerId` or `shareId`; `name`; and, where wanted, `contentType` (else that of the name's extension) and
/// `configuration` (Graph's printJobConfiguration). `options` as in mgu_session_upload_start. The result is that of an
/// upload, with jobId and state (an object of state and description). A job that comes to nothing is cancelled.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (as mgu_attachment_send_start); the operation ends with
/// MGU_STATUS_INVALID_INPUT for a content type that the printer says it does not take (reason contentType).
///
/// # Safety
/// As mgu_attachment_send_start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_print_start(
    client: *const mgu_client,
    request: mgu_text,
    path: mgu_text,
    options: *const mgu_upload_options,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str, path: PathBuf, options: UploadOptions| {
        let wanted: NewJob = parse(json, "such request")?;
        start(client, async move |shared, Context { progress, cancel }| {
            let printed =
                shared.client.print(&wanted, &path, options, Arc::clone(&progress), &cancel).await?;
            Ok(report::printed(&printed, &progress.snapshot()))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with_file(client, (request, "request"), (path, options), operation, error, work) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    #[serde(flatten)]
    printer: Printer,
    job_id: String,
}

/// Starts to ask how a print job stands. `request` is a JSON object: `printerId` or `shareId`, and `jobId`. The result is a
/// JSON object: state ("paused", "pending", "processing", "stopped", "completed", "canceled", "aborted", …), description.
/// Ownership and returns as mgu_attachment_look_start.
///
/// # Safety
/// As mgu_attachment_look_start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_print_state_start(
    client: *const mgu_client,
    request: mgu_text,
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let work = |client: &Arc<Shared>, json: &str| {
        let Job { printer, job_id } = parse(json, "such request")?;
        start(client, async move |shared, Context { progress, cancel }| {
            let asked = shared.client.print_state(&printer, &job_id, &progress);
            until(&cancel, asked).await.map(|status| report::print_state(&status))
        })
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, (request, "request"), operation, error, work) }
}
