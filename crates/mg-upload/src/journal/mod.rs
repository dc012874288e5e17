//! The journal: a record on disk for every session that is being fed, so that an upload can go on after a crash, and so
//! that a session's URL, which nobody can look up, is not lost.
//!
//! One file a session, in the user's state folder. A record holds an upload URL, which is a bearer secret: the folder is
//! the user's alone (0700; on Windows by its access rules), and so is each file (0600). A lock beside the record keeps two
//! processes from feeding one session. Everything here blocks: a worker leaves it to other threads.

mod claim;
mod disk;
mod finished;
mod jobs;
mod record;
mod sweep;
mod tree;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::hex::hex;
use crate::system::{self, Lock};

use disk::Folder;

pub use crate::system::Access;
pub use claim::Claim;
pub use finished::{Fed, Finished, Remembered};
pub use jobs::{Job, Standing, TreeEntry, job_id};
pub use record::Record;
pub use tree::{Made, Notes};

/// The only version of a record that this code reads.
pub const VERSION: u32 = 1;

/// A folder of records.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: Folder,
    swept: Arc<Once>,
}

/// What a file of the folder holds.
#[derive(Debug)]
pub enum Entry {
    /// A session that is open as far as is known.
    Open {
        /// What is on record of it.
        record: Box<Record>,
        /// Whether a process feeds it now, this one or another.
        is_fed: bool,
    },
    /// Something that cannot be read: damaged, foreign, or of a newer version. It is left alone.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
}

/// A record's name: the upload URL's hash, so that the same session is found again and the name tells nothing.
pub fn id_of(upload_url: &str) -> String {
    hex(&Sha256::digest(upload_url.as_bytes())[..12])
}

/// Where the records are unless somebody says otherwise: `MGUPLOAD_STATE`, else the platform's place for state.
pub fn default_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("MGUPLOAD_STATE").or_else(|| system::state_folder(variable))
}

impl Journal {
    /// A journal in this folder, which is made when the first record is. It stays where it is now, wherever the process goes.
    pub fn new(folder: impl Into<PathBuf>) -> Journal {
        Journal::with_access(folder, Access::default())
    }

    /// The same, kept for its owner by `access`.
    pub fn with_access(folder: impl Into<PathBuf>, access: Access) -> Journal {
        let folder = folder.into();
        let folder = Folder::new(std::path::absolute(&folder).unwrap_or(folder), access);
        Journal { folder, swept: Arc::new(Once::new()) }
    }

    /// Everything in the folder, oldest session first. A folder that is not there is empty.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let (mut entries, now) = (Vec::new(), Timestamp::now());
        for file in self.listed(Journal::sweep)? {
            let id = parts_of(&file).map_or_else(String::new, |(id, _)| id);
            match self.folder.read(&file, &id) {
                Ok(record) if self.let_go(&record, now) => {}
                Ok(record) => {
                    entries.push(Entry::Open { is_fed: self.is_locked(&id), record: Box::new(record) })
                }
                // It has come to its end since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => entries.push(Entry::Unreadable { file, why: error.to_string() }),
            }
        }
        entries.sort_by_key(|entry| match entry {
            Entry::Open { record, .. } => (0, record.created.clone()),
            Entry::Unreadable { file, .. } => (1, file.to_string_lossy().into_owned()),
        });
        Ok(entries)
    }

    /// The records' files, in a folder that was checked and then made `ready`. A folder that is not there has none.
    fn listed(&self, ready: impl FnOnce(&Journal)) -> Result<Vec<PathBuf>, Error> {
        match self.folder.check() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            checked => checked.map_err(|error| self.failed("cannot be used", &error))?,
        }
        ready(self);
        let files = fs::read_dir(self.folder.path()).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let files = files.map_err(|error| self.failed("cannot be read", &error))?;
        let files = files.into_iter().map(|file| file.path());
        Ok(files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).collect())
    }

    /// The record of one session, by its id. An id that names none is an error, and so is one that cannot be read.
    pub fn find(&self, id: &str) -> Result<Record, Error> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::UnknownId(format!("'{}' is no id of an open upload", id.escape_debug())));
        }
        let missing = || Error::UnknownId(format!("no upload with the id {id} is open here"));
        match self.folder.check() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            checked => checked.map_err(|error| self.failed("cannot be used", &error))?,
        }
        let id = id.to_ascii_lowercase();
        let file = self.file(&id);
        self.folder.read(&file, &id).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => Error::InvalidInput(format!("the record {} is unusable: {error}", file.display())),
        })
    }

    /// Takes the right to feed a session. A session that another process feeds is an error.
    pub fn claim(&self, upload_url: &str) -> Result<Claim, Error> {
        let id = id_of(upload_url);
        let lock = self.lock(&id)?;
        let file = self.file(&id);
        let record = match self.folder.read(&file, &id) {
            Ok(record) => Some(record),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(Error::InvalidInput(format!(
                    "the record {} of this session is unusable: {error}; what the session holds cannot be told: remove that file, or begin with a new session",
                    file.display()
                )));
            }
        };
        self.swept.call_once(|| self.sweep());
        Ok(Claim::new(self.clone(), id, lock, record))
    }

    /// Takes a session's lock. Who only looks at it is waited for.
    fn lock(&self, id: &str) -> Result<Lock, Error> {
        self.folder.make().map_err(|error| self.failed("cannot be used", &error))?;
        let path = self.lock_file(id);
        let mut patience = system::LOOKED_AT;
        loop {
            match self.folder.lock(&path) {
                Ok(Some(lock)) => return Ok(lock),
                Ok(None) if patience.is_zero() => return Err(Error::InUse),
                Ok(None) => {
                    let pause = Duration::from_millis(10);
                    std::thread::sleep(pause);
                    patience = patience.saturating_sub(pause);
                }
                Err(error) => return Err(self.failed("takes no locks", &error)),
            }
        }
    }

    /// Whether somebody holds a session's lock.
    fn is_locked(&self, id: &str) -> bool {
        self.folder.is_locked(&self.lock_file(id))
    }

    fn lock_file(&self, id: &str) -> PathBuf {
        self.folder.path().join(format!("{id}.lock"))
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.path().join(format!("{id}.json"))
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        let folder = self.folder.path().display();
        Error::Journal {
            why: format!("the state folder '{folder}' {what}: {error}; MGUPLOAD_STATE can name another"),
        }
    }
}

/// A file's id and what it holds, by its name.
fn parts_of(file: &Path) -> Option<(String, String)> {
    Some((file.file_stem()?.to_str()?.to_owned(), file.extension()?.to_str()?.to_owned()))
}

#[cfg(test)]
mod tests;
