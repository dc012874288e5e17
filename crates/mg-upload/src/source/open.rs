//! Opening a file by its path, and what is said where that cannot be.

use std::fs::Metadata;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::system::{self, Opened};

/// Opens a regular file to upload it. Blocks.
pub(super) fn plain(path: &Path) -> Result<Opened, Error> {
    let metadata = look(path)?;
    if !metadata.is_file() {
        let why = if metadata.is_dir() { "it is a folder" } else { "it is no regular file" };
        return Err(missing(path, why));
    }
    system::open_to_upload(path).map_err(|error| denied(path, error))
}

/// What the system tells of a file by its path. Blocks.
pub(crate) fn look(path: &Path) -> Result<Metadata, Error> {
    std::fs::metadata(path).map_err(|error| denied(path, error))
}

/// The failure of a file that the system does not open.
pub(crate) fn denied(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => missing(path, "there is no such file"),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => {
            missing(path, "no file can have this name")
        }
        _ => Error::SourceDenied { path: path.into(), source },
    }
}

fn missing(path: &Path, why: &str) -> Error {
    Error::SourceMissing { path: path.into(), why: why.into() }
}
