//! Unix: modes and owners, no links followed, locks of files that may be removed by name at any time.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;
use tracing::warn;

use super::Opened;

/// Files and folders that are their owner's alone: by their modes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access(());

impl Access {
    pub(crate) fn make_folder(self, folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    /// Fails where anybody else could write in the folder, or has put it there.
    pub(crate) fn check_folder(self, folder: &Path) -> io::Result<()> {
        let link = fs::symlink_metadata(folder)?;
        if link.is_symlink() {
            check_owner(&link)?;
        }
        let metadata = fs::metadata(folder)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        check_owner(&metadata)
    }

    /// Fails for a file that belongs to another user, or can be written by one.
    pub(crate) fn check_file(self, file: &File) -> io::Result<()> {
        check_owner(&file.metadata()?)
    }

    /// Takes a file that [`private`] has made from everybody else: it was made so.
    #[expect(clippy::unnecessary_wraps, reason = "other systems fail")]
    pub(crate) fn seal(self, _: &File) -> io::Result<()> {
        Ok(())
    }
}

fn check_owner(metadata: &Metadata) -> io::Result<()> {
    // A link's own mode means nothing.
    let mode = if metadata.is_symlink() { 0 } else { metadata.mode() };
    let distrust = distrust(rustix::process::geteuid().as_raw(), metadata.uid(), mode);
    distrust.map_or(Ok(()), |why| Err(io::Error::other(why)))
}

/// Why `user` should not trust what has this owner and this mode.
fn distrust(user: u32, owner: u32, mode: u32) -> Option<String> {
    if owner != user && owner != 0 {
        return Some(format!("it belongs to another user ({owner})"));
    }
    (mode & 0o022 != 0).then(|| format!("others can write to it (its mode is {:04o})", mode & 0o7777))
}

/// Options that make files for the user alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// No link is followed, and no pipe waited for.
pub(crate) fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed())
}

/// Whether a file could not be opened since a link stands there.
pub(crate) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// A lock that is held for no longer was only looked at, by somebody who lists what is open.
pub(crate) const LOOKED_AT: Duration = Duration::from_millis(50);

/// A file that is locked until this goes.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Makes the lock's file where there is none, and locks it; `None`: somebody else holds it, or looks at it.
    pub(crate) fn take(
        path: &Path,
        open: impl Fn(&mut OpenOptions) -> io::Result<File>,
    ) -> io::Result<Option<Lock>> {
        loop {
            let lock = open(private().create(true).truncate(false).write(true))?;
            match lock.try_lock() {
                Ok(()) => {
                    let lock = Lock(lock);
                    // Its holder may have removed it just before: a lock of a file that nobody else finds keeps nobody out.
                    if is_named(&lock.0, path) {
                        return Ok(Some(lock));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Whether somebody holds the lock. Several may look at once.
    pub(crate) fn is_held(open: impl Fn(&mut OpenOptions) -> io::Result<File>) -> bool {
        open(OpenOptions::new().read(true)).is_ok_and(|lock| match lock.try_lock_shared() {
            Ok(()) => {
                drop(Lock(lock));
                false
            }
            Err(error) => matches!(error, TryLockError::WouldBlock),
        })
    }

    #[cfg(test)]
    pub(crate) fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for Lock {
    /// Closing alone would leave the lock with a child that a host has forked meanwhile: it has the file open too.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            warn!(%error, "a lock could not be given back");
        }
    }
}

/// Whether an open file is the one that this path names, as far as can be told.
fn is_named(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(own), Ok(named)) => identity(&own) == identity(&named),
        (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
        (Err(_), Ok(_)) => true,
    }
}

/// Whether `path`, links followed, names this very file.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    Ok(identity(&file.metadata()?) == identity(&fs::metadata(path)?))
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// What a folder is known again by, whatever path leads to it.
pub(crate) type FolderIdentity = (u64, u64);

/// A folder's identity, of what was just read of it.
#[expect(clippy::unnecessary_wraps, reason = "other systems fail")]
pub(crate) fn folder_identity(_: &Path, metadata: &Metadata) -> io::Result<FolderIdentity> {
    Ok(identity(metadata))
}

/// Where a folder is that has no name of its own in `path`: `.`, `..`, the root.
pub(crate) fn unnamed(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// The path of what a folder has under a name.
pub(crate) fn entry_path(folder: &Path, name: &OsStr) -> PathBuf {
    folder.join(name)
}

/// Whether users do not see it by default.
pub(crate) fn is_hidden(name: &str, _: &Metadata) -> bool {
    name.starts_with('.')
}

/// Whether reading a file would download it first: Linux has no sign of it.
#[cfg(not(target_os = "macos"))]
pub(crate) fn is_elsewhere(_: &Metadata) -> bool {
    false
}

/// Does what another process could only keep from being done for good.
pub(crate) fn patiently<R>(work: impl Fn() -> io::Result<R>) -> io::Result<R> {
    work()
}

/// Writers keep nobody out, and what they write is told at once.
pub(crate) fn open_to_upload(path: &Path) -> io::Result<Opened> {
    Ok(Opened { file: File::open(path)?, is_written: false })
}

pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<()> {
    file.read_exact_at(buffer, position)
}

/// Has the names in a folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The user's folder for state, by the environment's variables.
#[cfg(not(target_os = "macos"))]
pub(crate) fn state_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("XDG_STATE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .map(|folder| folder.join("mgupload").join("sessions"))
}

#[cfg(test)]
mod tests {
    use super::distrust;

    #[test]
    fn what_another_user_owns_or_can_write_to_is_not_trusted() {
        for (user, owner, mode, trusted) in [
            (1000, 1000, 0o40700, true),
            (1000, 1000, 0o40755, true),
            (1000, 0, 0o40755, true),
            (0, 0, 0o100600, true),
            (1000, 1001, 0o40700, false),
            (0, 1000, 0o40700, false),
            (1000, 1000, 0o40770, false),
            (1000, 1000, 0o41777, false),
            (1000, 0, 0o100602, false),
        ] {
            assert_eq!(distrust(user, owner, mode).is_none(), trusted, "{user} {owner} {mode:o}");
        }
    }
}
