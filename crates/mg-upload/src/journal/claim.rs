//! The right to feed one session, and its record.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::{Journal, Record, id_of};
use crate::error::Error;
use crate::source::Samples;
use crate::system::{self, Lock};

/// Progress is noted no oftener than this, so that a list of what is open is right, also just after a kill. Each note waits
/// for the disk: a record that replaces a durable one must be as durable.
const NOTE_INTERVAL: Duration = Duration::from_secs(1);

/// The right to feed one session, and its record. Dropping it gives the right back; the record stays. What writes blocks.
#[derive(Debug)]
pub struct Claim {
    pub(super) journal: Journal,
    pub(super) id: String,
    _lock: Lock,
    record: Option<Record>,
    durable: bool,
    noted: Instant,
}

impl Claim {
    pub(super) fn new(journal: Journal, id: String, lock: Lock, record: Option<Record>) -> Claim {
        Claim { journal, id, _lock: lock, record, durable: true, noted: Instant::now() }
    }

    /// Whether it is the right to feed this session.
    pub fn is_of(&self, upload_url: &str) -> bool {
        self.id == id_of(upload_url)
    }

    /// The record that an earlier upload has left, or this one has written.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Writes the record. `durable`: it survives a power cut from here on, not only the end of the process.
    pub fn write(&mut self, record: Record, durable: bool) -> Result<(), Error> {
        let result = self.journal.folder.replace(&self.journal.file(&self.id), &record, durable);
        result.map_err(|error| self.journal.failed("takes no record", &error))?;
        (self.record, self.durable) = (Some(record), durable);
        Ok(())
    }

    /// Takes note of how far the upload has come. Writes nothing; whether it is time to.
    pub fn note(&mut self, position: u64, expires: Option<&str>) -> bool {
        let Some(record) = &mut self.record else { return false };
        record.position = position;
        if let Some(expires) = expires {
            record.expires = Some(expires.to_owned());
        }
        self.noted.elapsed() >= NOTE_INTERVAL
    }

    /// Writes that the last byte is about to be sent.
    pub fn note_end_begun(&mut self) {
        if let Some(record) = &mut self.record {
            record.end_begun = true;
            self.rewrite();
        }
    }

    /// Writes that every byte has arrived and only the commit is due.
    pub fn note_complete(&mut self, length: u64) {
        if let Some(record) = &mut self.record {
            record.position = length;
            self.rewrite();
        }
    }

    /// Writes until when the service wants no request.
    pub fn note_pause(&mut self, until: Timestamp) {
        if let Some(record) = &mut self.record {
            record.not_before = Some(until);
            self.rewrite();
        }
    }

    /// Writes that the session holds nothing that is known to be the file's.
    pub fn disown(&mut self) {
        if let Some(record) = &mut self.record {
            record.samples = Samples::unknown();
            self.rewrite();
        }
    }

    /// Writes what [`Claim::note`] has taken note of. A note that cannot be written is no reason to stop: the record as it
    /// was still does.
    pub fn rewrite(&mut self) {
        let Some(record) = &self.record else { return };
        self.noted = Instant::now();
        let file = self.journal.file(&self.id);
        if let Err(error) = self.journal.folder.replace(&file, record, self.durable) {
            warn!(%error, "progress could not be noted");
        }
    }

    /// Removes the record: the session's outcome is known.
    pub fn forget(self) {
        let record = self.journal.file(&self.id);
        for file in [record.with_extension("new"), record.clone(), record.with_extension("lock")] {
            if let Err(error) = system::remove(&file) {
                warn!(%error, file = %file.display(), "the record could not be removed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::protocol::session::Session;

    const URL: &str = "https://h/secret";

    fn recorded(folder: &tempfile::TempDir) -> (Journal, Claim) {
        let journal = Journal::new(folder.path().join("sessions"));
        let session = Session::from_json(&format!(r#"{{"uploadUrl":"{URL}"}}"#)).unwrap();
        let record = Record::of(&session, None, folder.path(), Timestamp::UNIX_EPOCH);
        let mut claim = journal.claim(URL).unwrap();
        claim.write(record, false).unwrap();
        (journal, claim)
    }

    #[tokio::test(start_paused = true)]
    async fn progress_is_written_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, mut claim) = recorded(&folder);
        let on_disk = || journal.find(&id_of(URL)).unwrap();
        assert!(!claim.note(7, Some("soon")));
        advance(NOTE_INTERVAL - Duration::from_millis(1)).await;
        assert!(!claim.note(8, None));
        assert_eq!((on_disk().position, on_disk().expires), (0, None));
        advance(Duration::from_millis(1)).await;
        assert!(claim.note(9, None));
        claim.rewrite();
        assert_eq!((on_disk().position, on_disk().expires.as_deref()), (9, Some("soon")));
        assert!(!claim.note(10, None), "just written");
    }

    #[tokio::test(start_paused = true)]
    async fn what_must_not_be_lost_is_written_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, mut claim) = recorded(&folder);
        let on_disk = || journal.find(&id_of(URL)).unwrap();
        assert_eq!((on_disk().end_begun, on_disk().not_before), (false, None));
        claim.note_end_begun();
        assert!(on_disk().end_begun);
        claim.note_pause(Timestamp::MAX);
        assert_eq!(on_disk().not_before, Some(Timestamp::MAX));
        claim.note_complete(77);
        assert_eq!(on_disk().position, 77);
        assert!(claim.is_of(URL) && !claim.is_of("https://h/other"));
    }
}
