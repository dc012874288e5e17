//! The file's hashes, taken as its bytes pass, or by reading what has not passed.

use std::sync::Arc;

use quick_xor_hash::QuickXor;
use sha2::{Digest, Sha256};

use super::FileSource;
use crate::error::Error;
use crate::hex::hex;
use crate::locked::locked;
use crate::threads::{self, FILES};

/// The hashes of a file in the making.
#[derive(Clone)]
pub struct ContentHash {
    /// What OneDrive and SharePoint report.
    pub quick_xor: QuickXor,
    sha256: Option<Sha256>,
}

impl ContentHash {
    pub(super) fn new(with_sha256: bool) -> ContentHash {
        ContentHash { quick_xor: QuickXor::default(), sha256: with_sha256.then(Sha256::new) }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
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

impl FileSource {
    /// How many of the file's first bytes have been hashed.
    pub fn hashed(&self) -> u64 {
        locked(&self.hash).quick_xor.len()
    }

    /// Hashes, by reading, what comes before `end` and has not been hashed yet. Mostly all has: then no thread is troubled.
    pub async fn hash_up_to(self: &Arc<Self>, end: u64) -> Result<(), Error> {
        if self.hashed() >= end {
            return Ok(());
        }
        let source = Arc::clone(self);
        threads::apart(&FILES, move || source.read_up_to(end)).await?
    }

    /// Blocks; ends early, with [`Error::Cancelled`], once nobody else holds the source.
    fn read_up_to(self: &Arc<Self>, end: u64) -> Result<(), Error> {
        let (file, mut buffer) = (self.file()?, self.pool.take());
        loop {
            if Arc::strong_count(self) == 1 {
                return Err(Error::Cancelled);
            }
            let position = self.hashed();
            let wanted = buffer.len_for(end.saturating_sub(position));
            if wanted == 0 {
                return Ok(());
            }
            let piece = &mut buffer.space()[..wanted];
            file.get().read_exact_at(piece, position).map_err(|error| self.unreadable(&error))?;
            self.hash_piece(position, piece);
        }
    }

    /// The hashes of all that has been hashed.
    pub fn hash(&self) -> ContentHash {
        locked(&self.hash).clone()
    }

    /// Hashes a piece that has just been read at `position`, as far as it follows what has been hashed.
    pub(super) fn hash_piece(&self, position: u64, piece: &[u8]) {
        let mut hash = locked(&self.hash);
        let hashed = hash.quick_xor.len();
        if position <= hashed
            && let Some(new) = usize::try_from(hashed - position).ok().and_then(|skip| piece.get(skip..))
        {
            hash.update(new);
        }
    }
}
