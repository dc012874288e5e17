//! The sums of a run.

use serde::{Deserialize, Serialize};

/// What has become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It was sent, and is in place.
    Uploaded,
    /// It was there.
    Unchanged,
    /// It was not sent, as the caller wished.
    Skipped,
    /// It is not there, or not as it should be.
    Failed,
    /// It would be sent.
    WouldUpload,
}

/// Files and bytes of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Files sent.
    pub uploaded: u64,
    /// Files that were there.
    pub unchanged: u64,
    /// Files left out, each with a row of its own.
    pub skipped: u64,
    /// Files that failed.
    pub failed: u64,
    /// Files that would be sent.
    pub would_upload: u64,
    /// What patterns have left out, or that it is hidden, without a row; in the shard's own folders.
    pub filtered: u64,
    /// Folders made.
    pub folders_made: u64,
    /// Bytes of the files sent, or that would be sent.
    pub bytes_uploaded: u64,
    /// Bytes of the files that were there.
    pub bytes_unchanged: u64,
}

impl Tally {
    /// Counts a file.
    pub fn count(&mut self, status: Status, length: u64) {
        let (files, bytes) = match status {
            Status::Uploaded => (&mut self.uploaded, Some(&mut self.bytes_uploaded)),
            Status::WouldUpload => (&mut self.would_upload, Some(&mut self.bytes_uploaded)),
            Status::Unchanged => (&mut self.unchanged, Some(&mut self.bytes_unchanged)),
            Status::Skipped => (&mut self.skipped, None),
            Status::Failed => (&mut self.failed, None),
        };
        *files += 1;
        if let Some(bytes) = bytes {
            *bytes += length;
        }
    }

    /// Files with a row.
    pub fn files(&self) -> u64 {
        self.uploaded + self.unchanged + self.skipped + self.failed + self.would_upload
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_file_counts_once(all in prop::collection::vec((0usize..5, 0u64..1000), 0..50)) {
            let kinds = [Status::Uploaded, Status::Unchanged, Status::Skipped, Status::Failed, Status::WouldUpload];
            let mut tally = Tally::default();
            all.iter().for_each(|(kind, length)| tally.count(kinds[*kind], *length));
            prop_assert_eq!(tally.files(), all.len() as u64);
            let sent: u64 = all.iter().filter(|(kind, _)| [0, 4].contains(kind)).map(|(_, length)| length).sum();
            prop_assert_eq!(tally.bytes_uploaded, sent);
        }
    }
}
