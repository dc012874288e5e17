//! Starting work: what all starts have in common.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use mg_upload::{Error, Failure, Progress, UploadOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::cell::Cell;
use crate::client::{Shared, mgu_client};
use crate::error::mgu_error;
use crate::guard::{catch, guard, last_panic};
use crate::operation::mgu_operation;
use crate::options::{mgu_upload_options, read_options};
use crate::pointer::{borrow, read_path, writable};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// What a piece of work is given.
pub(crate) struct Context {
    pub progress: Arc<Progress>,
    pub cancel: CancellationToken,
}

/// Runs `work` until it ends or is cancelled; cancelling drops it at its next await, whatever that is.
pub(crate) async fn until<R, E: Into<Failure>>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<R, E>>,
) -> Result<R, Failure> {
    match cancel.run_until_cancelled(work).await {
        Some(result) => result.map_err(E::into),
        None => Err(Error::Cancelled.into()),
    }
}

/// An operation that has ended: what needs no waiting troubles no thread.
pub(crate) fn ended(client: &Arc<Shared>, outcome: &Value) -> Box<mgu_operation> {
    let cell = Cell::begin();
    cell.end(Ok(outcome.to_string()));
    mgu_operation::of(cell, client)
}

/// Starts work on the client's runtime.
pub(crate) fn start<W, F>(client: &Arc<Shared>, work: W) -> Result<Box<mgu_operation>, Error>
where
    W: FnOnce(Arc<Shared>, Context) -> F,
    F: Future<Output = Result<Value, Failure>> + Send + 'static,
{
    let cell = Cell::begin();
    let context = Context { progress: Arc::clone(&cell.progress), cancel: cell.cancel.clone() };
    // Of one type: tasks of many types, one for each kind of work, are a fortieth of the library.
    let work = work(Arc::clone(client), context).boxed();
    run(client, cell, work)
}

fn run(
    client: &Arc<Shared>,
    cell: Arc<Cell>,
    work: BoxFuture<'static, Result<Value, Failure>>,
) -> Result<Box<mgu_operation>, Error> {
    // What it was changing is dropped, or behind a lock that ignores poison.
    let work = AssertUnwindSafe(work).catch_unwind();
    let shared = Arc::clone(&cell);
    client.spawn(work.map_err(|_| last_panic()), move |outcome| {
        // Whatever happens here, the operation ends: somebody is waiting for it.
        let outcome = catch(|| match outcome {
            Ok(Ok(value)) => Ok(value.to_string()),
            Ok(Err(failure)) => Err(mgu_error::of(&failure)),
            Err(panic) => Err(mgu_error::panic(&panic)),
        });
        shared.end(outcome.unwrap_or_else(|panic| Err(mgu_error::panic(&panic))));
    })?;
    Ok(mgu_operation::of(cell, client))
}

/// Reads the arguments that all starts have in common, starts, and hands the operation out.
///
/// # Safety
/// `client` is NULL or live; `text` is readable; `operation` and `error` are NULL or writable.
pub(crate) unsafe fn start_with<'a>(
    client: *const mgu_client,
    (text, what): (mgu_text, &str),
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
    work: impl FnOnce(&Arc<Shared>, &'a str) -> Result<Box<mgu_operation>, Error>,
) -> mgu_status {
    let inner = || {
        writable(operation, "operation")?;
        // SAFETY: by this function's own contract.
        let client = unsafe { borrow(client, "client") }?;
        client.shared.home.check()?;
        // SAFETY: by this function's own contract.
        let text = unsafe { text.read(what) }?;
        let started = work(&client.shared, text)?;
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { operation.write(Box::into_raw(started)) };
        Ok(())
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// The same for work on a file.
///
/// # Safety
/// As [`start_with`]; `path` is readable, and `options` is NULL or readable.
pub(crate) unsafe fn start_with_file<'a>(
    client: *const mgu_client,
    text: (mgu_text, &str),
    (path, options): (mgu_text, *const mgu_upload_options),
    operation: *mut *mut mgu_operation,
    error: *mut *mut mgu_error,
    work: impl FnOnce(&Arc<Shared>, &'a str, PathBuf, UploadOptions) -> Result<Box<mgu_operation>, Error>,
) -> mgu_status {
    let with_file = |client: &Arc<Shared>, text: &'a str| {
        // SAFETY: by this function's own contract.
        let path = unsafe { read_path(path) }?;
        // SAFETY: by this function's own contract.
        let options = unsafe { read_options(options, 0) }?;
        work(client, text, path, options)
    };
    // SAFETY: by this function's own contract.
    unsafe { start_with(client, text, operation, error, with_file) }
}

/// What is wrong with JSON; or only where, for what stands there may be a secret.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let tells_names_only = ["missing field", "duplicate field", "the body cannot", "the member"];
    if !error.is_data() || tells_names_only.iter().any(|start| text.starts_with(start)) {
        return text;
    }
    format!("something unexpected at line {}, column {}", error.line(), error.column())
}

/// Reads JSON of a caller's; `what` names it in the error.
pub(crate) fn parse<R: DeserializeOwned>(json: &str, what: &str) -> Result<R, Error> {
    serde_json::from_str(json)
        .map_err(|error| Error::InvalidInput(format!("this is no {what}: {}", place(&error))))
}
