//! The open file itself: read at offsets, by several threads at once.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::samples::Samples;
use crate::system::{self, Opened};

/// What a file looked like when it was opened. A difference later means that it has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last change, where the file system tells.
    pub modified: Option<SystemTime>,
    /// What [`Samples`] has of its blocks, where its time may not tell of a change.
    pub blocks: Option<String>,
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

    /// Whether another program had it open to write when it was opened, on a system that then tells late what is written.
    fn is_written(&self) -> bool;
}

impl Bytes for Opened {
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        system::read_exact_at(&self.file, buffer, position)
    }

    fn read_at_hand(&self, buffer: &mut [u8], position: u64) -> bool {
        system::read_at_hand(&self.file, buffer, position)
    }

    /// Of a file that is being written the time may stay: its blocks are looked at too.
    fn fingerprint(&self) -> io::Result<Fingerprint> {
        let metadata = self.file.metadata()?;
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        let read_at = |buffer: &mut [u8], position| self.read_exact_at(buffer, position);
        let blocks = self.is_written.then(|| Samples::of(len, None, read_at)).transpose()?;
        Ok(Fingerprint { len, modified, blocks: blocks.map(|samples| samples.blocks) })
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        system::is_at(&self.file, path)
    }

    fn is_written(&self) -> bool {
        self.is_written
    }
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
