//! The open file itself: read at offsets, by several threads at once.

use std::convert::Infallible;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What a file looked like when it was opened. A difference later means that it has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last change, where the file system tells.
    pub modified: Option<SystemTime>,
}

/// Bytes at offsets. Tests have one that never answers.
pub(super) trait Bytes: Send + Sync {
    /// Fills `buffer` from `position` on, however long that takes.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()>;

    /// Fills `buffer` with what is in memory, without waiting for anything; whether all of it was.
    fn read_at_hand(&self, buffer: &mut [u8], position: u64) -> bool;

    /// What it looks like now.
    fn fingerprint(&self) -> io::Result<Fingerprint>;

    /// Whether `path` still names it.
    fn is_at(&self, path: &Path) -> io::Result<bool>;
}

impl Bytes for File {
    #[cfg(unix)]
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, position)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(self, buffer, position) {
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

    /// Linux tells, for the file systems of its own disks; those over a network or a program do not.
    #[cfg(target_os = "linux")]
    fn read_at_hand(&self, buffer: &mut [u8], position: u64) -> bool {
        use rustix::io::{ReadWriteFlags, preadv2};
        let whole = buffer.len();
        let space = &mut [io::IoSliceMut::new(buffer)];
        matches!(preadv2(self, space, position, ReadWriteFlags::NOWAIT), Ok(read) if read == whole)
    }

    #[cfg(not(target_os = "linux"))]
    fn read_at_hand(&self, _: &mut [u8], _: u64) -> bool {
        false
    }

    fn fingerprint(&self) -> io::Result<Fingerprint> {
        let metadata = self.metadata()?;
        Ok(Fingerprint { len: metadata.len(), modified: metadata.modified().ok() })
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(identity(&self.metadata()?) == identity(&std::fs::metadata(path)?))
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

/// Another file of the same name has another time of creation.
#[cfg(windows)]
fn identity(metadata: &Metadata) -> Option<SystemTime> {
    metadata.created().ok()
}

/// Resolves once the file is closed.
pub type Released = oneshot::Receiver<Infallible>;

/// A file that is not closed by a worker: on a mount that does not answer, closing blocks too.
pub(super) struct Closing {
    file: Option<Box<dyn Bytes>>,
    released: Option<oneshot::Sender<Infallible>>,
}

impl Closing {
    pub(super) fn new(file: impl Bytes + 'static) -> (Closing, Released) {
        let (sender, released) = oneshot::channel();
        (Closing { file: Some(Box::new(file)), released: Some(sender) }, released)
    }

    pub(super) fn get(&self) -> &dyn Bytes {
        self.file.as_deref().expect("only drop takes the file out")
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        // In this order: released is who has closed it.
        let held = (self.file.take(), self.released.take());
        // What can be read without waiting is on a disk of this machine.
        let is_local = held.0.as_ref().is_some_and(|file| file.read_at_hand(&mut [0], 0));
        match Handle::try_current() {
            Ok(runtime) if !is_local => drop(runtime.spawn_blocking(move || drop(held))),
            _ => drop(held),
        }
    }
}
