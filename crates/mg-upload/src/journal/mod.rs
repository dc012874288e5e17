//! The journal: a record on disk for every session that is being fed, so that an upload can go on after a crash, and so
//! that a session's URL, which nobody can look up, is not lost.
//!
//! One file a session, in the user's state folder. A record holds an upload URL, which is a bearer secret: the folder is
//! the user's alone (0700), and so is each file (0600); on Windows the profile's own access rules hold. A lock beside the
//! record keeps two processes from feeding one session.

mod record;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tracing::warn;

use crate::error::Error;
use crate::hex::hex;

pub use record::{Record, Samples};

/// The only version of a record that this code reads.
pub const VERSION: u32 = 1;
/// Progress is noted no oftener than this: the service knows the position better anyway, and each note waits for the
/// disk: a record that replaces a durable one must be as durable.
const NOTE_INTERVAL: Duration = Duration::from_secs(5);

/// A folder of records.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
}

/// What a file of the folder holds.
#[derive(Debug)]
pub enum Entry {
    /// A session that is open as far as is known.
    Open(Box<Record>),
    /// Something that cannot be read: damaged, foreign, or of a newer version. It is left alone.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
}

/// The right to feed one session, and its record. Dropping it gives the right back; the record stays.
#[derive(Debug)]
pub struct Claim {
    journal: Journal,
    id: String,
    lock: File,
    record: Option<Record>,
    durable: bool,
    noted: Instant,
}

/// A record's name: the upload URL's hash, so that the same session is found again and the name tells nothing.
pub fn id_of(upload_url: &str) -> String {
    hex(&Sha256::digest(upload_url.as_bytes())[..12])
}

/// Where the records are unless somebody says otherwise: `MGUPLOAD_STATE`, else the platform's place for state.
pub fn default_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = variable("MGUPLOAD_STATE") {
        return Some(folder);
    }
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|folder| folder.join("MgUpload").join("sessions"));
    }
    let home = variable("HOME");
    if cfg!(target_os = "macos") {
        return home.map(|home| home.join("Library/Application Support/MgUpload/sessions"));
    }
    variable("XDG_STATE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/state")))
        .map(|folder| folder.join("mgupload").join("sessions"))
}

impl Journal {
    /// A journal in this folder, which is made when the first record is.
    pub fn new(folder: impl Into<PathBuf>) -> Journal {
        Journal { folder: folder.into() }
    }

    /// Everything in the folder, oldest session first. A folder that is not there is empty.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let listing = match fs::read_dir(&self.folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("cannot be read", &error)),
        };
        let mut entries = Vec::new();
        for file in listing {
            let file = file.map_err(|error| self.failed("cannot be read", &error))?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                entries.push(match read(&file) {
                    Ok(record) => Entry::Open(Box::new(record)),
                    Err(why) => Entry::Unreadable { file, why },
                });
            }
        }
        entries.sort_by_key(|entry| match entry {
            Entry::Open(record) => (0, record.created.clone()),
            Entry::Unreadable { file, .. } => (1, file.to_string_lossy().into_owned()),
        });
        Ok(entries)
    }

    /// The record of one session, by its id. An id that names none is an error, and so is one that cannot be read.
    pub fn find(&self, id: &str) -> Result<Record, Error> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::UnknownId(format!("'{}' is no id of an open upload", id.escape_debug())));
        }
        let file = self.file(&id.to_ascii_lowercase());
        if !file.exists() {
            return Err(Error::UnknownId(format!("no upload with the id {id} is open here")));
        }
        read(&file)
            .map_err(|why| Error::InvalidInput(format!("the record {} is unusable: {why}", file.display())))
    }

    /// Takes the right to feed a session. A session that another process feeds is an error.
    pub fn claim(&self, upload_url: &str) -> Result<Claim, Error> {
        let id = id_of(upload_url);
        let lock = self.lock(&self.folder.join(format!("{id}.lock")))?;
        let file = self.file(&id);
        let record = match file.exists().then(|| read(&file)) {
            Some(Err(why)) => {
                return Err(Error::InvalidInput(format!(
                    "the record {} of this session is unusable: {why}; what the session holds cannot be told: remove that file, or begin with a new session",
                    file.display()
                )));
            }
            readable => readable.and_then(Result::ok),
        };
        Ok(Claim { journal: self.clone(), id, lock, record, durable: true, noted: Instant::now() })
    }

    /// Makes a lock file, and locks it.
    fn lock(&self, path: &Path) -> Result<File, Error> {
        let open = || private().create(true).truncate(false).write(true).open(path);
        loop {
            let lock = match open() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.make_folder().map_err(|error| self.failed("cannot be made", &error))?;
                    open()
                }
                made => made,
            };
            let lock = lock.map_err(|error| self.failed("takes no files", &error))?;
            match lock.try_lock() {
                // Its holder may have removed it just before: a lock of a file that nobody else finds keeps nobody out.
                Ok(()) if is_at(&lock, path) => return Ok(lock),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Error::InUse),
                Err(TryLockError::Error(error)) => return Err(self.failed("takes no locks", &error)),
            }
        }
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::Journal { why: format!("the folder '{}' {what}: {error}", self.folder.display()) }
    }
}

impl Claim {
    /// The record that an earlier upload has left, or this one has written.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Writes the record. `durable`: it survives a power cut from here on, not only the end of the process.
    pub fn write(&mut self, record: Record, durable: bool) -> Result<(), Error> {
        let result = replace(&self.journal.folder, &self.journal.file(&self.id), &record, durable);
        result.map_err(|error| self.journal.failed("takes no record", &error))?;
        (self.record, self.durable) = (Some(record), durable);
        Ok(())
    }

    /// Notes how far the upload has come, now and then.
    pub fn note(&mut self, position: u64, expires: Option<&str>) {
        let due = self.noted.elapsed() >= NOTE_INTERVAL;
        let Some(record) = &mut self.record else { return };
        record.position = position;
        if let Some(expires) = expires {
            record.expires = Some(expires.to_owned());
        }
        if due {
            self.noted = Instant::now();
            self.rewrite();
        }
    }

    /// Notes that the last byte is about to be sent.
    pub fn note_end_begun(&mut self) {
        if let Some(record) = self.record.as_mut().filter(|record| !record.end_begun) {
            record.end_begun = true;
            self.rewrite();
        }
    }

    /// Notes that every byte has arrived and only the commit is due.
    pub fn note_complete(&mut self, length: u64) {
        if let Some(record) = &mut self.record {
            record.position = length;
            self.rewrite();
        }
    }

    /// Notes until when the service wants no request.
    pub fn note_pause(&mut self, until: Timestamp) {
        if let Some(record) = &mut self.record {
            record.not_before = Some(until);
            self.rewrite();
        }
    }

    /// Writes at once what [`Claim::note`] may have held back. A note that cannot be written is no reason to stop: the
    /// record as it was still does.
    pub fn rewrite(&self) {
        let Some(record) = &self.record else { return };
        if let Err(error) = replace(&self.journal.folder, &self.journal.file(&self.id), record, self.durable)
        {
            warn!(%error, "progress could not be noted");
        }
    }

    /// Removes the record: the session's outcome is known.
    pub fn forget(self) {
        let lock = self.journal.folder.join(format!("{}.lock", self.id));
        let record = self.journal.file(&self.id);
        for file in [record.with_extension("new"), record, lock] {
            match fs::remove_file(&file) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => warn!(%error, file = %file.display(), "the record could not be removed"),
            }
        }
        drop(self.lock);
    }
}

/// Reads a record; the error says what is wrong with it.
fn read(file: &Path) -> Result<Record, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let version: record::VersionOnly = serde_json::from_str(&text).map_err(|_| "it is damaged".to_owned())?;
    if version.version != VERSION {
        return Err(format!("it has version {}, and this MgUpload reads version {VERSION}", version.version));
    }
    serde_json::from_str(&text).map_err(|_| "it is damaged".to_owned())
}

/// Replaces a file whole: a reader, and a crash, meets the old or the new one.
fn replace(folder: &Path, file: &Path, record: &Record, durable: bool) -> io::Result<()> {
    let temporary = file.with_extension("new");
    let mut new = private().create(true).truncate(true).write(true).open(&temporary)?;
    new.write_all(&serde_json::to_vec(record)?)?;
    if durable {
        new.sync_all()?;
    }
    drop(new);
    fs::rename(&temporary, file)?;
    if durable && cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Whether an open file is the one that this path names.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(own), Ok(named)) => (own.dev(), own.ino()) == (named.dev(), named.ino()),
        (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
        (Err(_), Ok(_)) => true,
    }
}

/// Windows lets no name be taken by a new file while the removed one is open.
#[cfg(windows)]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Options that make files for the user alone.
fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests;
