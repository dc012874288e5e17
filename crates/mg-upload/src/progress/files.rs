//! The files of a tree under way: what the counters of the whole are made of.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::Serialize;

use super::Progress;

use crate::locked::locked;

/// The files of a tree under way.
#[derive(Debug, Default)]
pub(crate) struct Files {
    done: AtomicU64,
    known: AtomicU64,
    walked: AtomicBool,
    /// Bytes of the files that are settled, whatever has become of them.
    settled: AtomicU64,
    /// The most that was ever shown: what is sent again takes nothing back.
    shown: AtomicU64,
    running: Mutex<Vec<Arc<Running>>>,
    /// The longest pause that the service has asked for since this was last looked at.
    throttled: Mutex<Option<Duration>>,
}

/// One file that is being sent.
#[derive(Debug)]
pub(crate) struct Running {
    path: PathBuf,
    length: u64,
    progress: Arc<Progress>,
}

/// The files of a tree at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesSnapshot {
    /// Files that are settled.
    pub done: u64,
    /// Files that are known of, those among them.
    pub known: u64,
    /// Whether all are.
    pub walked: bool,
    /// Files that are being sent.
    pub running: usize,
}

/// One file that is being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunningFile {
    /// Where it is.
    pub path: String,
    /// Bytes that the service has or that are on their way to it.
    pub sent: u64,
    /// Bytes in all.
    pub size: u64,
}

impl Files {
    /// Another file is known of, with so many bytes.
    pub fn know(&self) {
        self.known.fetch_add(1, Relaxed);
    }

    /// All are known of.
    pub fn walked(&self) {
        self.walked.store(true, Relaxed);
    }

    /// A file of so many bytes is settled.
    pub fn settle(&self, length: u64) {
        self.done.fetch_add(1, Relaxed);
        self.settled.fetch_add(length, Relaxed);
    }

    /// A file is being sent until the outcome of this is dropped.
    pub fn begin(&self, path: &Path, length: u64, progress: &Arc<Progress>) -> UnderWay<'_> {
        let running = Arc::new(Running { path: path.into(), length, progress: Arc::clone(progress) });
        self.list().push(Arc::clone(&running));
        UnderWay { files: self, running }
    }

    /// The service has asked for a pause.
    pub fn throttled(&self, pause: Duration) {
        let mut longest = locked(&self.throttled);
        *longest = (*longest).max(Some(pause));
    }

    /// The longest pause that it has asked for since this was last called.
    pub fn take_throttled(&self) -> Option<Duration> {
        locked(&self.throttled).take()
    }

    /// Bytes that are done.
    pub fn bytes_done(&self) -> u64 {
        let settled = self.settled.load(Relaxed);
        let running: u64 = self.list().iter().map(|running| running.sent()).sum();
        self.shown.fetch_max(settled + running, Relaxed).max(settled + running)
    }

    pub fn snapshot(&self) -> FilesSnapshot {
        FilesSnapshot {
            done: self.done.load(Relaxed),
            known: self.known.load(Relaxed),
            walked: self.walked.load(Relaxed),
            running: self.list().len(),
        }
    }

    pub fn running(&self) -> Vec<RunningFile> {
        let told = |running: &Arc<Running>| RunningFile {
            path: running.path.to_string_lossy().into_owned(),
            sent: running.sent(),
            size: running.length,
        };
        self.list().iter().map(told).collect()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Arc<Running>>> {
        locked(&self.running)
    }
}

impl Running {
    fn sent(&self) -> u64 {
        self.progress.done.load(Relaxed).min(self.length)
    }
}

/// Ends a file's being sent.
pub(crate) struct UnderWay<'f> {
    files: &'f Files,
    running: Arc<Running>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.files.list().retain(|own| !Arc::ptr_eq(own, &self.running));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_what_is_settled_and_what_runs_and_never_less_than_before() {
        let (files, own) = (Files::default(), Arc::new(Progress::default()));
        files.settle(5);
        let running = files.begin(Path::new("/a"), 10, &own);
        own.set_position(0, 10);
        own.sent(8);
        assert_eq!(files.bytes_done(), 13);
        assert_eq!(files.running(), [RunningFile { path: "/a".into(), sent: 8, size: 10 }]);
        own.set_position(2, 10);
        assert_eq!(files.bytes_done(), 13, "no bar goes backwards");
        own.sent(99);
        assert_eq!(files.bytes_done(), 15);
        drop(running);
        files.settle(10);
        assert_eq!((files.bytes_done(), files.snapshot().done), (15, 2));
    }
}
