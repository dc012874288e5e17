//! What systems do differently: a module each, and no code for a single system anywhere else in this crate.
//!
//! Each gives the same: opening and reading what is uploaded, files and folders that are their owner's alone ([`Access`]),
//! locks that go with their holder, and the user's folder for state.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::{self, File};
use std::io;
use std::path::Path;
#[cfg(not(target_os = "linux"))]
use std::time::Duration;

#[cfg(not(target_os = "linux"))]
use hyper_util::client::legacy::connect::HttpConnector;

#[cfg(target_os = "linux")]
pub(crate) use linux::{read_at_hand, unacknowledged_for};
#[cfg(target_os = "macos")]
pub(crate) use macos::{is_elsewhere, state_folder};
#[cfg(unix)]
pub use unix::Access;
#[cfg(unix)]
pub(crate) use unix::{
    FolderIdentity, LOOKED_AT, Lock, entry_path, folder_identity, is_at, is_hidden, is_link, open_to_upload,
    patiently, private, read_exact_at, sync_folder, unnamed, without_following,
};
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) use unix::{is_elsewhere, state_folder};
#[cfg(windows)]
pub use windows::Access;
#[cfg(windows)]
pub(crate) use windows::{
    FolderIdentity, LOOKED_AT, Lock, entry_path, folder_identity, is_at, is_elsewhere, is_hidden, is_link,
    open_to_upload, patiently, private, read_exact_at, state_folder, sync_folder, unnamed, without_following,
};

/// A file that is open to be uploaded.
#[derive(Debug)]
pub(crate) struct Opened {
    pub file: File,
    /// Whether another program had it open to write, and the system may tell only later what that does.
    pub is_written: bool,
}

/// What is in memory is told by Linux alone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read_at_hand(_: &File, _: &mut [u8], _: u64) -> bool {
    false
}

/// How long bytes may be unacknowledged is said to Linux alone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn unacknowledged_for(_: &mut HttpConnector, _: Duration) {}

/// Renames a file, over another one if there is one. On Windows this, and removing, fails as long as a virus scanner or an
/// indexer has the file open.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| fs::rename(from, to))
}

/// Removes a file that may be gone already.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    match patiently(|| fs::remove_file(file)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
