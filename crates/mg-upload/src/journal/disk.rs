//! The files of the state folder. It is trusted as far as it is the user's own: who could write there could have a
//! private file sent to a place of his choice, or have a file of the user's overwritten through a link.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::{self, Record};
use super::{VERSION, id_of};
use crate::address::check_url;
use crate::system::{self, Access, Lock};

/// A create request has 4 MiB at most, and the rest of a record next to nothing.
pub(super) const RECORD_LIMIT: u64 = 8 << 20;

/// The state folder: where it is, and how it is kept for its owner.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    access: Access,
}

impl Folder {
    pub fn new(path: PathBuf, access: Access) -> Folder {
        Folder { path, access }
    }

    /// A folder in it, kept in the same way.
    pub fn below(&self, name: &str) -> Folder {
        Folder { path: self.path.join(name), access: self.access }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder where there is none, and sees to it that it is one that nobody else writes in.
    pub fn make(&self) -> io::Result<()> {
        match self.check() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.access.make_folder(&self.path)?;
                self.check()
            }
            checked => checked,
        }
    }

    /// Fails where the folder is not the user's own.
    pub fn check(&self) -> io::Result<()> {
        self.access.check_folder(&self.path)
    }

    /// Opens a record or a lock that is there: a regular file of the user's own, and no link to one.
    pub fn open_own(&self, path: &Path, options: &mut OpenOptions) -> io::Result<File> {
        let opened = system::without_following(options).open(path);
        let file =
            opened.map_err(|error| if system::is_link(&error) { other("it is a link") } else { error })?;
        if !file.metadata()?.is_file() {
            return Err(other("it is no regular file"));
        }
        self.access.check_file(&file)?;
        Ok(file)
    }

    /// Takes a lock, by its file; `None`: somebody else holds it.
    pub fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        Lock::take(path, |options| self.open_own(path, options))
    }

    /// Whether somebody holds a lock.
    pub fn is_locked(&self, path: &Path) -> bool {
        Lock::is_held(|options| self.open_own(path, options))
    }

    /// Reads a file of the folder, if it is the user's own and no larger than it may be.
    pub fn read_text(&self, path: &Path, limit: u64) -> io::Result<String> {
        let file = system::patiently(|| self.open_own(path, OpenOptions::new().read(true)))?;
        let mut text = String::new();
        file.take(limit + 1).read_to_string(&mut text)?;
        if text.len() as u64 > limit {
            return Err(other("it is too large for a record"));
        }
        Ok(text)
    }

    /// Reads a record; the error says what is wrong with it.
    pub fn read(&self, path: &Path, id: &str) -> io::Result<Record> {
        let text = self.read_text(path, RECORD_LIMIT)?;
        let damaged = |_| other("it is damaged");
        let record::VersionOnly { version } = serde_json::from_str(&text).map_err(damaged)?;
        if version != VERSION {
            return Err(other(&format!(
                "it has version {version}, and this MgUpload reads version {VERSION}"
            )));
        }
        let record: Record = serde_json::from_str(&text).map_err(damaged)?;
        if record.id != id || id_of(&record.upload_url) != id {
            return Err(other("its id is not that of its upload URL"));
        }
        check_url(&record.upload_url).map_err(|why| other(&format!("its upload URL is unusable: {why}")))?;
        Ok(record)
    }

    /// Replaces a record whole: a reader, and a crash, meets the old or the new one. Whoever calls holds its lock.
    pub fn replace(&self, file: &Path, record: &impl Serialize, durable: bool) -> io::Result<()> {
        let temporary = file.with_extension("new");
        let written = match self.write_new(&temporary, &serde_json::to_vec(record)?, durable) {
            // What a process has left that ended in the middle of this; or a link, which is removed and not followed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                system::remove(&temporary)?;
                self.write_new(&temporary, &serde_json::to_vec(record)?, durable)
            }
            written => written,
        };
        if let Err(error) = written.and_then(|()| system::rename(&temporary, file)) {
            let _ = system::remove(&temporary);
            return Err(error);
        }
        if durable { system::sync_folder(&self.path) } else { Ok(()) }
    }

    /// Writes a file that is not there yet, for the user alone. Nobody else can open it before its rules are set.
    pub fn write_new(&self, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
        let mut new = system::private().create_new(true).write(true).open(path)?;
        self.access.seal(&new)?;
        new.write_all(bytes)?;
        if durable { new.sync_all() } else { Ok(()) }
    }
}

fn other(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}
