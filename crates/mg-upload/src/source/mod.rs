//! The file that is uploaded: opened once, read at offsets, watched for changes.

mod ahead;
mod body;
mod file;
mod hash;
mod open;
mod pool;
mod samples;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::error::Error;
use crate::locked::locked;
use crate::net::StreamBody;
use crate::progress::Progress;
use crate::protocol::range::ByteRange;
use crate::threads::{self, FILES};

use ahead::Ahead;
use file::{Bytes, Closing, Fingerprint};

pub use file::Released;
pub use hash::ContentHash;
pub(crate) use open::{denied, look};
pub(crate) use pool::Pool;
pub use samples::Samples;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening {
    /// SHA-256 is wanted too.
    pub sha256: bool,
    /// It is a copy, as [`Samples::of_copy`] has it.
    pub is_copy: bool,
    /// It is sent now or from the start another time: nobody has to know it again, and a small one is read at once.
    pub once: bool,
}

/// A file being uploaded. INVARIANT: no worker ever waits for it: what is not in memory is read by other threads, and so
/// it is opened, sampled and closed.
pub struct FileSource {
    path: PathBuf,
    /// Gone once the upload has ended: a request that its peer keeps from ending has nothing to read any more.
    file: Mutex<Option<Arc<Closing>>>,
    fingerprint: Fingerprint,
    is_written: bool,
    samples: Samples,
    /// Whether all of it was read when it was opened.
    at_once: bool,
    /// What was read then: the first body of the whole file takes it.
    ahead: Mutex<Ahead>,
    pool: Arc<Pool>,
    hash: Mutex<ContentHash>,
    failure: Mutex<Option<Error>>,
}

impl FileSource {
    /// Opens a regular file. Anything else, and an unreadable file, is an error that names it. quickXorHash is always
    /// taken.
    pub async fn open(
        path: &Path,
        opening: Opening,
        pool: Arc<Pool>,
    ) -> Result<(Arc<FileSource>, Released), Error> {
        let path = path.to_owned();
        threads::apart(&FILES, move || FileSource::open_here(&path, opening, pool)).await?
    }

    /// The same by the thread that asks. Blocks.
    pub(crate) fn open_here(
        path: &Path,
        opening: Opening,
        pool: Arc<Pool>,
    ) -> Result<(Arc<FileSource>, Released), Error> {
        let mut file = open::plain(path)?;
        // Who made the copy has it open, and writes no more.
        file.is_written &= !opening.is_copy;
        FileSource::of(file, path, opening, pool)
    }

    /// Blocks.
    fn of(
        file: impl Bytes + 'static,
        path: &Path,
        opening: Opening,
        pool: Arc<Pool>,
    ) -> Result<(Arc<FileSource>, Released), Error> {
        let denied = |source| Error::SourceDenied { path: path.into(), source };
        let fingerprint = file.fingerprint().map_err(denied)?;
        let read_at = |buffer: &mut [u8], position| file.read_exact_at(buffer, position);
        let samples = match opening {
            Opening { once: true, .. } => Ok(Samples::unknown()),
            Opening { is_copy: true, .. } => Samples::of_copy(fingerprint.len, read_at),
            _ => Samples::of(fingerprint.len, fingerprint.modified, read_at),
        };
        let samples = samples.map_err(denied)?;
        // Files of /proc and their like: as an empty file it would take the place of another.
        if fingerprint.len == 0 && file.read_exact_at(&mut [0], 0).is_ok() {
            return Err(Error::NoLength { path: path.into() });
        }
        let is_written = file.is_written();
        let mut hash = ContentHash::new(opening.sha256);
        let at_once = opening.once && fingerprint.len <= ahead::MOST;
        let ahead = match at_once {
            true => ahead::read(&file, fingerprint.len, &pool, |piece| hash.update(piece)),
            false => Ahead::default(),
        };
        let (file, released) = Closing::new(file);
        let source = FileSource {
            is_written,
            path: path.into(),
            file: Mutex::new(Some(Arc::new(file))),
            fingerprint,
            samples,
            at_once,
            ahead: Mutex::new(ahead),
            pool,
            hash: Mutex::new(hash),
            failure: Mutex::default(),
        };
        Ok((Arc::new(source), released))
    }

    /// Ends all reading: a read that is under way is the last one.
    pub fn close(&self) {
        drop(locked(&self.file).take());
    }

    fn file(&self) -> Result<Arc<Closing>, Error> {
        locked(&self.file).clone().ok_or(Error::Cancelled)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.fingerprint.len
    }

    /// When it had last been written when it was opened, where the file system tells.
    pub(crate) fn modified(&self) -> Option<SystemTime> {
        self.fingerprint.modified
    }

    /// A body of the file's bytes in `range`. Bytes that follow those hashed so far are hashed as they pass; the
    /// body fails at its last piece when the file is no longer what it was.
    pub fn body(self: &Arc<Self>, range: ByteRange, progress: Arc<Progress>) -> StreamBody {
        let ahead = std::mem::take(&mut *locked(&self.ahead));
        // Of another part it is of no use.
        let ahead = if range == ByteRange::at(0, self.len()) { ahead } else { Ahead::new() };
        Box::pin(body::RangeBody::new(Arc::clone(self), range, ahead, progress))
    }

    /// All of the file's bytes, for a request that holds them itself: hashed, and of one version of the file.
    pub async fn whole(self: &Arc<Self>) -> Result<Vec<u8>, Error> {
        let source = Arc::clone(self);
        let read = threads::apart(&FILES, move || {
            let file = source.file()?;
            let length = usize::try_from(source.len()).map_err(|_| Error::OutOfResources {
                what: "memory for a whole file",
                why: format!("it has {} bytes", source.len()),
            })?;
            let mut bytes = vec![0; length];
            file.get().read_exact_at(&mut bytes, 0).map_err(|error| source.unreadable(&error))?;
            source.check_unchanged(file.get().fingerprint())?;
            source.hash_piece(0, &bytes);
            Ok(bytes)
        });
        read.await?
    }

    /// What made a body fail, if one did: a transport can pass on no more than that it failed.
    pub fn take_failure(&self) -> Option<Error> {
        locked(&self.failure).take()
    }

    /// Fails when the file is no longer what it was when it was opened.
    fn check_unchanged(&self, now: io::Result<Fingerprint>) -> Result<(), Error> {
        let changed = |why: String| Error::SourceChanged { path: self.path.clone(), why };
        let now = now.map_err(|error| changed(error.to_string()))?;
        if now.len != self.fingerprint.len {
            return Err(changed(format!("it had {} bytes and has {}", self.fingerprint.len, now.len)));
        }
        if now != self.fingerprint {
            return Err(changed("it was written to".into()));
        }
        Ok(())
    }

    /// What the file is like, to know it again by; of a copy, that of all its bytes.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Whether another program had it open to write when it was opened, and may change it without the system telling.
    pub fn is_written(&self) -> bool {
        self.is_written
    }

    /// Whether another file has taken the name meanwhile. The one that was opened is the one that is read. Of one that was read
    /// at once, there and then, there is no meanwhile.
    pub async fn is_replaced(self: &Arc<Self>) -> Result<bool, Error> {
        if self.at_once {
            return Ok(false);
        }
        let (file, path) = (self.file()?, self.path.clone());
        threads::apart(&FILES, move || matches!(file.get().is_at(&path), Ok(false))).await
    }

    /// A file that ends before its end is a changed file.
    fn unreadable(&self, error: &io::Error) -> Error {
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it is shorter than it was".into(),
            _ => format!("it can no longer be read: {error}"),
        };
        Error::SourceChanged { path: self.path.clone(), why }
    }

    fn fail(&self, error: Error) {
        locked(&self.failure).get_or_insert(error);
    }
}
