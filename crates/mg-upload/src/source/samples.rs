//! What a file is known again by.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex::hex;

/// Bytes of one sampled block.
const SAMPLE: u64 = 4 * 1024;

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
    fn a_time_is_told_in_nanoseconds_before_1970_too() {
        // Windows has steps of 100.
        assert_eq!(nanoseconds(UNIX_EPOCH + Duration::new(1, 500)), "1000000500");
        assert_eq!(nanoseconds(UNIX_EPOCH - Duration::new(1, 500)), "-1000000500");
    }
}
