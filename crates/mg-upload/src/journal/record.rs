//! What is kept of a session.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::family::Family;
use crate::hex::hex;
use crate::secret::Secret;
use crate::session::{CreateRequest, Session, same_host};

use super::{VERSION, id_of};

/// Bytes of one sampled block.
const SAMPLE: u64 = 4 * 1024;

/// One session and the file that goes into it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The record's version.
    pub version: u32,
    /// The record's id.
    pub id: String,
    /// Where the bytes go. A bearer secret.
    pub upload_url: String,
    /// Its back end.
    pub family: Family,
    /// The Graph endpoint that it belongs to; `None` where it was fed without a connection to any.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What made it, where that is known.
    pub origin: Option<CreateRequest>,
    /// `expirationDateTime` as the service last wrote it.
    pub expires: Option<String>,
    /// When the upload began, in UTC.
    pub created: String,
    /// The file, by absolute path.
    pub path: PathBuf,
    /// What the file was like.
    pub samples: Samples,
    /// Whether the file was a copy of bytes that came from elsewhere, and is gone with the process.
    #[serde(default)]
    pub is_copy: bool,
    /// Fragment size in bytes.
    pub chunk: u64,
    /// The service's position when it was last noted.
    pub position: u64,
    /// Whether a PUT with the last byte has been begun: only then may the file have arrived.
    #[serde(default)]
    pub end_begun: bool,
    /// Until when the service wants no request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

impl Record {
    /// Of a session that nothing has been sent to yet, for a file that has not been looked at.
    pub fn of(session: &Session, endpoint: Option<String>, path: &Path, created: Timestamp) -> Record {
        Record {
            version: VERSION,
            id: id_of(session.upload_url.expose()),
            upload_url: session.upload_url.expose().to_owned(),
            family: session.family,
            endpoint,
            origin: session.origin.as_ref().map(CreateRequest::for_the_record),
            expires: session.expires.clone(),
            created: created.to_string(),
            path: path.to_owned(),
            samples: Samples::unknown(),
            is_copy: false,
            chunk: session.family.profile().default_chunk,
            position: session.position.unwrap_or(0),
            end_begun: false,
            not_before: None,
        }
    }
}

impl Record {
    /// Whether a connection to `endpoint` has to do with it: another cloud's token and ids are nothing to it.
    pub fn belongs_to(&self, endpoint: &str) -> bool {
        self.endpoint.as_deref().is_none_or(|own| same_host(own, endpoint))
    }

    /// Whether it is good for nothing: nothing was ever sent, and the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let expires = self.expires.as_deref().and_then(|expires| expires.parse::<Timestamp>().ok());
        self.samples.is_unknown() && expires.is_some_and(|expires| expires < now)
    }
}

impl From<Record> for Session {
    /// The position of a record is old: an upload asks the service first.
    fn from(record: Record) -> Session {
        Session {
            upload_url: Secret::new(record.upload_url),
            family: record.family,
            expires: record.expires,
            position: None,
            origin: record.origin,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("id", &self.id).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is needed of a record to know whether the rest can be read.
#[derive(Deserialize)]
pub(super) struct VersionOnly {
    pub version: u32,
}

/// A file's length, time and a few of its blocks: enough to know it again without reading it whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Samples {
    /// Length in bytes.
    pub length: u64,
    /// Time of the last change in nanoseconds since 1970, where the file system tells.
    pub modified: Option<String>,
    /// SHA-256, in hex, over the first, the middle and the last block.
    pub blocks: String,
}

impl Samples {
    /// Takes samples of a file.
    pub fn of(
        length: u64,
        modified: Option<SystemTime>,
        read_at: impl Fn(&mut [u8], u64) -> io::Result<()>,
    ) -> io::Result<Samples> {
        let mut hash = Sha256::new();
        let mut block = vec![0; usize::try_from(SAMPLE.min(length)).unwrap_or(0)];
        for start in [0, length / 2, length.saturating_sub(SAMPLE)] {
            let start = start.min(length - block.len() as u64);
            read_at(&mut block, start)?;
            hash.update(&block);
        }
        Ok(Samples { length, modified: modified.map(nanoseconds), blocks: hex(&hash.finalize()) })
    }

    /// Of a copy, all of it and not its time: another copy of the same bytes is the same file.
    pub fn of_copy(length: u64, read_at: impl Fn(&mut [u8], u64) -> io::Result<()>) -> io::Result<Samples> {
        let (mut hash, mut buffer, mut position) = (Sha256::new(), vec![0; 1 << 20], 0);
        while position < length {
            let wanted = usize::try_from(length - position).unwrap_or(usize::MAX).min(buffer.len());
            let piece = &mut buffer[..wanted];
            read_at(piece, position)?;
            hash.update(&piece);
            position += piece.len() as u64;
        }
        Ok(Samples { length, modified: None, blocks: hex(&hash.finalize()) })
    }

    /// Of a file that could not be looked at: any file agrees with it.
    pub fn unknown() -> Samples {
        Samples { length: 0, modified: None, blocks: String::new() }
    }

    /// Whether the file was never looked at.
    pub fn is_unknown(&self) -> bool {
        self.blocks.is_empty()
    }

    /// How another look at the file differs, in words; `None` where it is the same.
    pub fn difference(&self, now: &Samples) -> Option<String> {
        if self.is_unknown() {
            return None;
        }
        if now.length != self.length {
            return Some(format!("it had {} bytes and has {}", self.length, now.length));
        }
        if now.blocks != self.blocks {
            return Some("its content is another".into());
        }
        (now.modified != self.modified).then(|| "it was written to".into())
    }
}

fn nanoseconds(time: SystemTime) -> String {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos().to_string(),
        Err(before) => format!("-{}", before.duration().as_nanos()),
    }
}
