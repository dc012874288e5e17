//! The file that is uploaded: opened once, read at offsets, watched for changes.

mod body;
mod pool;

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::hex::hex;
use crate::journal::Samples;
use crate::progress::Progress;
use crate::quick_xor::QuickXor;
use crate::range::ByteRange;
use crate::transport::StreamBody;

pub(crate) use pool::Pool;

/// Three slow reads in a row. A single one may be this thread's having to wait for a processor.
const SLOWNESS_LIMIT: u32 = 6;

/// What a file looked like when it was opened. A difference later means that it has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last change, where the file system tells.
    pub modified: Option<SystemTime>,
}

/// The hashes of a file in the making.
#[derive(Clone)]
pub struct ContentHash {
    /// What OneDrive and SharePoint report.
    pub quick_xor: QuickXor,
    sha256: Option<Sha256>,
}

impl ContentHash {
    fn new(with_sha256: bool) -> ContentHash {
        ContentHash { quick_xor: QuickXor::default(), sha256: with_sha256.then(Sha256::new) }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.quick_xor.update(bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
    }

    /// SHA-256 in hex, where it was wanted.
    pub fn sha256(self) -> Option<String> {
        Some(hex(&self.sha256?.finalize()))
    }
}

/// Resolves once nothing reads the file any more, neither the engine nor a request being torn down.
pub type Released = oneshot::Receiver<Infallible>;

/// A file being uploaded.
pub struct FileSource {
    path: PathBuf,
    file: File,
    fingerprint: Fingerprint,
    pool: Arc<Pool>,
    hash: Mutex<ContentHash>,
    /// Rises with each slow read, falls with each fast one.
    slowness: AtomicU32,
    failure: Mutex<Option<Error>>,
    _released: oneshot::Sender<Infallible>,
}

impl FileSource {
    /// Opens a regular file. Anything else, and an unreadable file, is an error that names it. quickXorHash is always
    /// taken, SHA-256 where the caller wants it.
    pub fn open(
        path: &Path,
        with_sha256: bool,
        pool: Arc<Pool>,
    ) -> Result<(Arc<FileSource>, Released), Error> {
        let denied = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => {
                Error::SourceMissing { path: path.into(), why: "there is no such file".into() }
            }
            _ => Error::SourceDenied { path: path.into(), source },
        };
        let metadata = std::fs::metadata(path).map_err(denied)?;
        if !metadata.is_file() {
            let why = if metadata.is_dir() { "it is a folder" } else { "it is no regular file" };
            return Err(Error::SourceMissing { path: path.into(), why: why.into() });
        }
        let file = File::open(path).map_err(denied)?;
        let fingerprint = fingerprint(&file).map_err(denied)?;
        let (sender, released) = oneshot::channel();
        let source = FileSource {
            path: path.into(),
            file,
            fingerprint,
            pool,
            hash: Mutex::new(ContentHash::new(with_sha256)),
            slowness: AtomicU32::default(),
            failure: Mutex::default(),
            _released: sender,
        };
        Ok((Arc::new(source), released))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.fingerprint.len
    }

    /// A body of the file's bytes in `range`. Bytes that follow those hashed so far are hashed as they pass; the
    /// body fails at its last piece when the file is no longer what it was.
    pub fn body(self: &Arc<Self>, range: ByteRange, progress: Arc<Progress>) -> StreamBody {
        Box::pin(body::RangeBody::new(Arc::clone(self), range, progress))
    }

    /// What made a body fail, if one did: a transport can pass on no more than that it failed.
    pub fn take_failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Fails when the file is no longer what it was when it was opened.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        let changed = |why: String| Error::SourceChanged { path: self.path.clone(), why };
        let now = fingerprint(&self.file).map_err(|error| changed(error.to_string()))?;
        if now.len != self.fingerprint.len {
            return Err(changed(format!("it had {} bytes and has {}", self.fingerprint.len, now.len)));
        }
        if now.modified != self.fingerprint.modified {
            return Err(changed("it was written to".into()));
        }
        Ok(())
    }

    /// What the file is like, to know it again by; of a copy, that of all its bytes.
    pub fn samples(&self, is_copy: bool) -> Result<Samples, Error> {
        let samples = if is_copy { Samples::of_copy } else { Samples::of };
        samples(&self.file, read_exact_at)
            .map_err(|source| Error::SourceDenied { path: self.path.clone(), source })
    }

    /// How many of the file's first bytes have been hashed.
    pub fn hashed(&self) -> u64 {
        self.hash.lock().unwrap_or_else(PoisonError::into_inner).quick_xor.len()
    }

    /// Hashes, by reading, what comes before `end` and has not been hashed yet. Mostly all has: then no thread is troubled.
    pub async fn hash_up_to(self: &Arc<Self>, end: u64) -> Result<(), Error> {
        if self.hashed() >= end {
            return Ok(());
        }
        let source = Arc::clone(self);
        tokio::task::spawn_blocking(move || source.read_up_to(end))
            .await
            .map_err(|error| Error::Unexpected(error.to_string()))?
    }

    /// Blocks; ends early, with [`Error::Cancelled`], once nobody else holds the file.
    fn read_up_to(self: &Arc<Self>, end: u64) -> Result<(), Error> {
        let mut buffer = self.pool.take();
        loop {
            if Arc::strong_count(self) == 1 {
                return Err(Error::Cancelled);
            }
            let mut hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner);
            let position = hash.quick_xor.len();
            let wanted = buffer.len_for(end.saturating_sub(position));
            if wanted == 0 {
                return Ok(());
            }
            let piece = &mut buffer.space()[..wanted];
            self.read_at(piece, position)?;
            hash.update(piece);
        }
    }

    /// The hashes of all that has been hashed.
    pub fn hash(&self) -> ContentHash {
        self.hash.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fills `buffer` from `position` on; a file that ends before is a changed file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), Error> {
        read_exact_at(&self.file, buffer, position).map_err(|error| Error::SourceChanged {
            path: self.path.clone(),
            why: match error.kind() {
                io::ErrorKind::UnexpectedEof => "it is shorter than it was".into(),
                _ => format!("it can no longer be read: {error}"),
            },
        })
    }

    /// Hashes a piece that has just been read at `position`, as far as it follows what has been hashed.
    fn hash_piece(&self, position: u64, piece: &[u8]) {
        let mut hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner);
        let hashed = hash.quick_xor.len();
        if position <= hashed
            && let Some(new) = usize::try_from(hashed - position).ok().and_then(|skip| piece.get(skip..))
        {
            hash.update(new);
        }
    }

    fn is_slow(&self) -> bool {
        self.slowness.load(Relaxed) >= SLOWNESS_LIMIT
    }

    /// Takes note of how a read went; whether the file is to be called slow.
    fn note_read(&self, slow: bool) -> bool {
        let before = self.slowness.load(Relaxed);
        self.slowness.store(if slow { before + 2 } else { before.saturating_sub(1) }, Relaxed);
        self.is_slow()
    }

    fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

fn fingerprint(file: &File) -> io::Result<Fingerprint> {
    let metadata = file.metadata()?;
    Ok(Fingerprint { len: metadata.len(), modified: metadata.modified().ok() })
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, position)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, position) {
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
