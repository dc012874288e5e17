//! What nobody needs any more: files of processes that ended in the middle of a write, and records of sessions that
//! nothing was ever sent to and that have expired.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{debug, warn};

use super::{Journal, Record};
use crate::system;

/// A write takes milliseconds. What is younger may be one that is under way, or a lock that is about to be taken.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

impl Journal {
    /// Removes what processes have left behind, each file under its record's lock. A whole record that was only not yet
    /// put in its place is put there: its upload URL may be nowhere else.
    pub(super) fn sweep(&self) {
        let Ok(listing) = fs::read_dir(self.folder.path()) else { return };
        for file in listing.flatten().map(|file| file.path()) {
            let Some((id, extension)) = super::parts_of(&file) else { continue };
            let record = self.file(&id);
            let is_left = match &*extension {
                "new" => is_old(&file),
                "lock" => is_old(&file) && fs::symlink_metadata(&record).is_err(),
                _ => false,
            };
            if is_left && let Ok(lock) = self.lock(&id) {
                self.clear(&id, &record);
                drop(lock);
            }
        }
    }

    /// Whoever calls holds the lock.
    fn clear(&self, id: &str, record: &Path) {
        let unfinished = record.with_extension("new");
        let rescued = fs::symlink_metadata(record).is_err()
            && self.folder.read(&unfinished, id).is_ok()
            && system::rename(&unfinished, record).is_ok();
        if rescued {
            debug!(id, "a record was put in its place that another process had written");
            return;
        }
        let mut files = vec![unfinished];
        if fs::symlink_metadata(record).is_err() {
            files.push(record.with_extension("lock"));
        }
        for file in files {
            if let Err(error) = system::remove(&file) {
                warn!(%error, file = %file.display(), "what a process has left could not be removed");
            }
        }
    }

    /// Removes a record that is good for nothing; whether it has been.
    pub(super) fn let_go(&self, record: &Record, now: Timestamp) -> bool {
        if !record.is_over(now) {
            return false;
        }
        let Ok(claim) = self.claim(&record.upload_url) else { return false };
        // Under the lock it may turn out to be in use by now.
        let is_over = claim.record().is_some_and(|record| record.is_over(now));
        if is_over {
            claim.forget();
        }
        is_over
    }
}

fn is_old(file: &Path) -> bool {
    let modified = fs::symlink_metadata(file).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age >= LEFT_BEHIND))
}
