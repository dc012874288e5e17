//! A file that may no longer be what it was when it was found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::plan::Local;
use super::run::Job;
use crate::error::Error;
use crate::source::{self, FileSource, Released};
use crate::threads::{self, FILES};

/// A file that is being opened, where it is what it was when it was found: its session has the time that it had then. One that
/// has been looked at again may be written to all the time.
pub(super) async fn as_found(
    job: &Job,
    opening: impl Future<Output = Result<(Arc<FileSource>, Released), Error>>,
) -> Result<(Arc<FileSource>, Released), Error> {
    let (source, released) = opening.await?;
    match job.is_seen_again || job.local.is_as(Local::of(source.len(), source.modified())) {
        true => Ok((source, released)),
        false => Err(changed(&job.path)),
    }
}

/// What a file is by now.
pub(super) async fn look(path: PathBuf) -> Result<Local, Error> {
    threads::apart(&FILES, move || {
        let now = source::look(&path)?;
        Ok(Local::of(now.len(), now.modified().ok()))
    })
    .await?
}

/// The failure of a file that is not what it was when it was found.
pub(super) fn changed(path: &Path) -> Error {
    Error::SourceChanged { path: path.to_owned(), why: "it was written to since it was found".into() }
}
