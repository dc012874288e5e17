//! Sessions that have put a file in place. Such a session is over: a second file would need a new one, which would take the
//! first one's place. A note of the first one tells, also to the next process.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::locked::locked;
use crate::secret::Secret;
use crate::source::Samples;
use crate::system;

use super::disk::RECORD_LIMIT;
use super::{Claim, Journal, id_of};

/// No session lives longer than a week.
const HELD_ON: Duration = Duration::from_secs(8 * 24 * 60 * 60);

const MOST_REMEMBERED: usize = 1000;

/// What became of a session: its file, and no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finished {
    /// The file, by absolute path.
    pub path: PathBuf,
    /// What it was like.
    pub samples: Samples,
}

/// What a session was fed with.
#[derive(Debug, Clone)]
pub struct Fed {
    /// The file.
    pub file: Finished,
    /// Whether it is in place.
    pub is_over: bool,
    /// Whether its last byte has begun to be sent.
    pub end_begun: bool,
    /// When that upload began.
    pub began: Timestamp,
}

/// The same by upload URL, for as long as the process lives, where the state folder takes no notes.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<VecDeque<(Secret, Fed)>>);

impl Remembered {
    /// What a session was fed with.
    pub fn of(&self, upload_url: &str) -> Option<Fed> {
        self.list().iter().find(|(own, _)| own.expose() == upload_url).map(|(_, fed)| fed.clone())
    }

    /// Remembers it; of very many sessions the last ones.
    pub fn note(&self, upload_url: &str, fed: Fed) {
        self.forget(upload_url);
        let mut list = self.list();
        if list.len() == MOST_REMEMBERED {
            list.pop_front();
        }
        list.push_back((Secret::new(upload_url), fed));
    }

    /// Forgets it: the service has handed out the URL anew.
    pub fn forget(&self, upload_url: &str) {
        self.list().retain(|(own, _)| own.expose() != upload_url);
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<(Secret, Fed)>> {
        locked(&self.0)
    }
}

impl Journal {
    /// The file that a session has put in place, where one has. Blocks.
    fn finished(&self, id: &str) -> Option<Finished> {
        let path = self.note(id);
        match self.folder.read_text(&path, RECORD_LIMIT) {
            Ok(text) => serde_json::from_str(&text).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn!(%error, file = %path.display(), "a note of a finished session cannot be read");
                None
            }
        }
    }

    /// Forgets what a session has put in place: the service has handed out its URL anew. Blocks.
    pub fn reopen(&self, upload_url: &str) {
        if let Err(error) = system::remove(&self.note(&id_of(upload_url))) {
            warn!(%error, "a note of a finished session could not be removed");
        }
    }

    /// Removes the notes of sessions that nobody can hold on to any more. Blocks.
    fn forget_finished(&self) {
        let Ok(listing) = fs::read_dir(self.folder.path()) else { return };
        let notes = listing.flatten().map(|file| file.path());
        for note in notes.filter(|file| file.extension().is_some_and(|extension| extension == "done")) {
            if is_old(&note)
                && let Err(error) = system::remove(&note)
            {
                warn!(%error, "a note of a finished session could not be removed");
            }
        }
    }

    /// A note that is cut short by a crash is none.
    fn write_note(&self, id: &str, note: &Finished) -> io::Result<()> {
        let path = self.note(id);
        system::remove(&path)?;
        self.folder.write_new(&path, &serde_json::to_vec(note)?, false)
    }

    fn note(&self, id: &str) -> PathBuf {
        self.file(id).with_extension("done")
    }
}

impl Claim {
    /// The file that the session has put in place, where it is over.
    pub fn finished(&self) -> Option<Finished> {
        self.journal.finished(&self.id)
    }

    /// Removes the record: the file is in place. A note of which stays for as long as a session may be held on to.
    pub fn finish(self) {
        if let Some(record) = self.record().filter(|record| !record.samples.is_unknown()) {
            let note = Finished { path: record.path.clone(), samples: record.samples.clone() };
            if let Err(error) = self.journal.write_note(&self.id, &note) {
                warn!(%error, "what the session has put in place could not be noted");
            }
            // Looking through the folder takes time: one upload of 256 does it for all.
            if self.id.starts_with("00") {
                self.journal.forget_finished();
            }
        }
        self.forget();
    }
}

fn is_old(note: &Path) -> bool {
    let modified = fs::symlink_metadata(note).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age >= HELD_ON))
}
