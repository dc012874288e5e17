//! The checks of what callers point to.

use std::path::PathBuf;

use mg_upload::Error;

use crate::text::mgu_text;

/// Borrows a handle.
///
/// # Safety
/// `handle` is NULL or live for as long as the result is used.
pub(crate) unsafe fn borrow<'a, H>(handle: *const H, what: &str) -> Result<&'a H, Error> {
    // SAFETY: by this function's own contract.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::InvalidInput(format!("{what} is NULL")))
}

/// Checks that an output can be written.
pub(crate) fn writable<P>(output: *mut P, what: &str) -> Result<(), Error> {
    if output.is_null() { Err(Error::InvalidInput(format!("{what} is NULL"))) } else { Ok(()) }
}

/// Reads the path of a file.
///
/// # Safety
/// `path` is readable.
pub(crate) unsafe fn read_path(path: mgu_text) -> Result<PathBuf, Error> {
    // SAFETY: by this function's own contract.
    let path = PathBuf::from(unsafe { path.read("path") }?);
    if path.is_absolute() { Ok(path) } else { Err(Error::InvalidInput("the path is not absolute".into())) }
}
