//! Windows: share modes, access rules, names that a scanner holds for a moment.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf, Prefix, absolute};
use std::thread::sleep;
use std::time::Duration;

use super::Opened;

// winnt.h, winbase.h, winerror.h
const FILE_LIST_DIRECTORY: u32 = 1;
const READ_CONTROL: u32 = 0x0002_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
const FILE_ATTRIBUTE_OFFLINE: u32 = 0x1000;
const FILE_ATTRIBUTE_RECALL_ON_OPEN: u32 = 0x0004_0000;
const FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS: u32 = 0x0040_0000;
const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// How long a file is waited for that a scanner, an indexer or a backup has open, or that is being removed.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(10);

/// A lock whose file is open for no longer was only looked at, by somebody who lists what is open, or by such a program.
pub(crate) const LOOKED_AT: Duration = PATIENCE;

/// Files and folders that are their owner's alone: by access rules, which this crate, without unsafe code, can neither set
/// nor read. Unless told how, it leaves them to those of the folder that all lies in: the profile's own.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// Gives a file, or a folder, rules that name its owner alone; a folder hands them down to what is made in it. It is
    /// open with the rights to read and to change its rules.
    pub seal: fn(&File) -> io::Result<()>,
    /// Fails where a file or a folder belongs to another user. It is open with the right to read its rules.
    pub check_owner: fn(&File) -> io::Result<()>,
}

impl Default for Access {
    fn default() -> Access {
        Access { seal: |_| Ok(()), check_owner: |_| Ok(()) }
    }
}

impl Access {
    /// What others put there before it is sealed is known by its owner.
    pub(crate) fn make_folder(self, folder: &Path) -> io::Result<()> {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        match fs::create_dir(folder) {
            // By another process, just now: it is checked next.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            made => made?,
        }
        let rights = READ_CONTROL | WRITE_DAC | FILE_LIST_DIRECTORY;
        let made =
            OpenOptions::new().access_mode(rights).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(folder)?;
        (self.seal)(&made)
    }

    /// Fails where anybody else has put the folder there, or the link to it. What others may put into one that the user has
    /// opened to them is known by its owner.
    pub(crate) fn check_folder(self, folder: &Path) -> io::Result<()> {
        let open = |flags: u32| {
            OpenOptions::new()
                .access_mode(READ_CONTROL)
                .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | flags)
                .open(folder)
        };
        (self.check_owner)(&open(FILE_FLAG_OPEN_REPARSE_POINT)?)?;
        let folder = open(0)?;
        if !folder.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        (self.check_owner)(&folder)
    }

    pub(crate) fn check_file(self, file: &File) -> io::Result<()> {
        (self.check_owner)(file)
    }

    pub(crate) fn seal(self, file: &File) -> io::Result<()> {
        (self.seal)(file)
    }
}

/// Options that make files which nobody else can read before they are sealed. They may be renamed and removed.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.access_mode(GENERIC_WRITE | WRITE_DAC).share_mode(FILE_SHARE_DELETE);
    options
}

/// A link is opened in place of what it leads to, which whoever opens it sees.
pub(crate) fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
}

/// Opening one does not fail.
pub(crate) fn is_link(_: &io::Error) -> bool {
    false
}

/// A file that nobody else can open until this goes. Locks of bytes would not do: since Windows 10 1903 a name is free once
/// its file is removed, though it is open, and before it is taken until the last one closes it.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "it is held open")] File);

impl Lock {
    /// Opens the lock's file, and makes it where there is none; `None`: somebody else has it open, or has removed it and not
    /// yet closed it.
    pub(crate) fn take(
        path: &Path,
        open: impl Fn(&mut OpenOptions) -> io::Result<File>,
    ) -> io::Result<Option<Lock>> {
        let attempt = || {
            open(OpenOptions::new().create(true).truncate(false).write(true).share_mode(FILE_SHARE_DELETE))
        };
        // A name that is there may be one that is being removed. Where there is none, the folder takes no files; or the name
        // has gone since, and then it is free.
        let is_there =
            || fs::symlink_metadata(path).err().is_none_or(|error| error.kind() != io::ErrorKind::NotFound);
        let lock = match attempt() {
            Err(error) if is_taken(&error) && !is_there() => attempt(),
            done => done,
        };
        match lock {
            Ok(lock) => Ok(Some(Lock(lock))),
            Err(error) if is_taken(&error) && is_there() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody holds the lock. Several may look at once; who takes it waits for them.
    pub(crate) fn is_held(open: impl Fn(&mut OpenOptions) -> io::Result<File>) -> bool {
        let lock = open(OpenOptions::new().read(true));
        lock.is_err_and(|error| error.raw_os_error() == Some(ERROR_SHARING_VIOLATION))
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ERROR_SHARING_VIOLATION | ERROR_ACCESS_DENIED))
}

/// Whether `path`, links followed, names this very file. Neither name nor time of creation tells: a file that takes the name
/// of one that was there a moment ago is given its time of creation.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = same_file::Handle::from_file(file.try_clone()?)?;
    Ok(own == same_file::Handle::from_path(path)?)
}

/// What a folder is known again by, whatever path leads to it.
pub(crate) type FolderIdentity = PathBuf;

/// A folder's identity.
pub(crate) fn folder_identity(path: &Path, _: &Metadata) -> io::Result<FolderIdentity> {
    fs::canonicalize(path)
}

/// Where a folder is that has no name of its own in `path`: `.`, `..`, the root. Not as `canonicalize` has it, which is a
/// path that nobody has typed.
pub(crate) fn unnamed(path: &Path) -> io::Result<PathBuf> {
    absolute(path)
}

/// The path of what a folder has under a name. Windows takes dots and spaces off the end of a name, and some names for
/// devices: `a.` would be read as the `a` beside it. Which these are differs by version, so Windows is asked. In a path that
/// begins with `\\?\` names are taken as they are.
pub(crate) fn entry_path(folder: &Path, name: &OsStr) -> PathBuf {
    let path = folder.join(name);
    let is_kept = absolute(&path).is_ok_and(|read| read == path);
    if is_kept { path } else { verbatim(folder).join(name) }
}

/// The same folder, by a path in which no name is changed.
fn verbatim(folder: &Path) -> PathBuf {
    let Some(Component::Prefix(prefix)) = folder.components().next() else { return folder.to_owned() };
    let mut path = OsString::from(r"\\?\");
    match prefix.kind() {
        Prefix::Disk(_) => path.push(prefix.as_os_str()),
        Prefix::UNC(server, share) => {
            for part in ["UNC\\".as_ref(), server, "\\".as_ref(), share] {
                path.push(part);
            }
        }
        _ => return folder.to_owned(),
    }
    let mut path = PathBuf::from(path);
    path.push("\\"); // else `C:` and a name would be one that is relative to where `C:` is
    path.extend(folder.components().skip(1).filter(|part| *part != Component::RootDir));
    path
}

/// Whether users do not see it by default.
pub(crate) fn is_hidden(_: &str, metadata: &Metadata) -> bool {
    metadata.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0
}

/// Whether reading a file would download it first. Asked without opening it, for that may download it too. OneDrive alone
/// sets the last of these.
pub(crate) fn is_elsewhere(metadata: &Metadata) -> bool {
    let recalled =
        FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_RECALL_ON_OPEN | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS;
    metadata.file_attributes() & recalled != 0
}

/// Does what somebody else may keep from being done for a moment.
pub(crate) fn patiently<R>(work: impl Fn() -> io::Result<R>) -> io::Result<R> {
    let mut left = PATIENCE;
    loop {
        match work() {
            Err(error) if is_taken(&error) && !left.is_zero() => {
                sleep(PAUSE);
                left = left.saturating_sub(PAUSE);
            }
            done => return done,
        }
    }
}

/// Keeps writers out where that can be done: a file may keep its time of the last change until its writer closes it.
/// Where somebody lets nobody else read it, that may be a scanner, for a moment; a file that the user may not read is not waited for.
pub(crate) fn open_to_upload(path: &Path) -> io::Result<Opened> {
    let is_shared_out = |error: &io::Error| error.raw_os_error() == Some(ERROR_SHARING_VIOLATION);
    let open = || {
        let alone = OpenOptions::new().read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE).open(path);
        match alone {
            Err(error) if is_shared_out(&error) => Ok(Opened { file: File::open(path)?, is_written: true }),
            alone => Ok(Opened { file: alone?, is_written: false }),
        }
    };
    match open() {
        Err(error) if is_shared_out(&error) => patiently(open),
        opened => opened,
    }
}

pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.seek_read(buffer, position) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                position += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A folder cannot be flushed; the file system's own journal keeps its names.
#[expect(clippy::unnecessary_wraps, reason = "other systems fail")]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The user's folder for state, by the environment's variables.
pub(crate) fn state_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("LOCALAPPDATA").map(|folder| folder.join("MgUpload").join("sessions"))
}

#[cfg(test)]
mod tests;
