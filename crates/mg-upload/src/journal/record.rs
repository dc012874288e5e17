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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn samples(bytes: &[u8]) -> Samples {
        let read_at = |piece: &mut [u8], at: u64| {
            let at = usize::try_from(at).unwrap();
            piece.copy_from_slice(&bytes[at..at + piece.len()]);
            Ok(())
        };
        Samples::of(bytes.len() as u64, Some(UNIX_EPOCH), read_at).unwrap()
    }

    #[test]
    fn a_file_is_known_again_by_length_time_and_three_blocks() {
        for length in [0, 1, 4095, 4096, 4097, 8192, 100_000] {
            let bytes = vec![7; length];
            let before = samples(&bytes);
            assert_eq!(before.difference(&samples(&bytes)), None, "{length}");
            let end = length.saturating_sub(1);
            for at in [0, 4095, length / 2, length / 2 + 4095, length.saturating_sub(4096), end] {
                if at < length {
                    let mut other = bytes.clone();
                    other[at] ^= 1;
                    let found = before.difference(&samples(&other));
                    assert_eq!(found.as_deref(), Some("its content is another"), "{at} of {length}");
                }
            }
            let longer = before.difference(&samples(&vec![7; length + 1])).unwrap();
            assert_eq!(longer, format!("it had {length} bytes and has {}", length + 1));
            let later = Samples { modified: Some("1".into()), ..before.clone() };
            assert_eq!(before.difference(&later).as_deref(), Some("it was written to"));
            assert_eq!(Samples::unknown().difference(&before), None, "never looked at");
        }
    }

    #[test]
    fn of_a_copy_every_byte_counts_and_its_time_does_not() {
        let whole = |bytes: &[u8]| {
            let read_at = |piece: &mut [u8], at: u64| {
                let at = usize::try_from(at).unwrap();
                piece.copy_from_slice(&bytes[at..at + piece.len()]);
                Ok(())
            };
            Samples::of_copy(bytes.len() as u64, read_at).unwrap()
        };
        let bytes = vec![7; (1 << 20) + 5];
        let before = whole(&bytes);
        assert_eq!((before.modified.as_ref(), before.difference(&whole(&bytes))), (None, None));
        for at in [0, 500_000, 1 << 20, bytes.len() - 1] {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(before.difference(&whole(&other)).is_some(), "{at}");
        }
    }

    #[test]
    fn a_time_is_told_to_the_nanosecond_before_1970_too() {
        assert_eq!(nanoseconds(UNIX_EPOCH + Duration::new(1, 5)), "1000000005");
        assert_eq!(nanoseconds(UNIX_EPOCH - Duration::new(1, 5)), "-1000000005");
    }

    #[test]
    fn a_record_keeps_the_session_but_its_position_and_no_secret_header() {
        let json = r#"{"uploadUrl":"https://h/x","family":"todo","expirationDateTime":"2030-01-01T00:00:00Z",
            "nextExpectedRanges":["9-"],"origin":{"route":"r","ids":{"A":"b"},"body":{},
            "headers":[["Authorization","Bearer hidden"],["X-Key","hidden"],["If-Match","e"]]}}"#;
        let session = Session::from_json(json).unwrap();
        let endpoint = Some("https://graph.test".to_owned());
        let record = Record::of(&session, endpoint, Path::new("/a"), Timestamp::UNIX_EPOCH);
        assert!(!serde_json::to_string(&record).unwrap().contains("hidden"));
        assert!(!format!("{record:?}").contains("https://h/x"));
        assert_eq!((record.id.as_str(), record.position), (id_of("https://h/x").as_str(), 9));
        assert_eq!((record.chunk, record.end_begun), (12 * 320 * 1024, false));
        for (endpoint, belongs) in [("https://graph.test/v1", true), ("https://graph.test:444", false)] {
            assert_eq!(record.belongs_to(endpoint), belongs, "{endpoint}");
        }
        for (now, over) in [("2030-01-01T00:00:00Z", false), ("2030-01-01T00:00:01Z", true)] {
            assert_eq!(record.is_over(now.parse().unwrap()), over, "{now}");
        }
        let again = Session::from(record);
        assert_eq!((again.upload_url.expose(), again.family), ("https://h/x", Family::Todo));
        assert_eq!((again.expires.as_deref(), again.position), (Some("2030-01-01T00:00:00Z"), None));
        let origin = again.origin.unwrap();
        assert_eq!((origin.route.as_str(), origin.headers.len()), ("r", 1));
    }
}
