//! The rows of files: what is told of each.

use super::item::Item;
use super::plan::{Decision, Same};
use super::row::Row;
use super::run::{Job, Run};
use super::tally::Status;
use crate::engine::Uploaded;
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::shown::visible_lines;

impl<T: Transport> Run<'_, T> {
    pub fn row(&self, job: &Job, status: Status) -> Row {
        Row::of(&job.path, self.shown(&job.folder.names, &job.name), &job.name, job.local.length, status)
    }

    /// A file for which nothing is to be sent, or nothing shall be.
    pub fn settled(&self, job: &Job, existing: Option<&Item>, decision: Decision) -> Row {
        let there = |row: Row| existing.map_or_else(|| row.clone(), |item| row.clone().at(item));
        let refused = |reason, why: &str| {
            let error =
                Error::NotSent { path: job.path.clone(), kind: Kind::Conflict, reason, why: why.to_owned() };
            there(self.row(job, Status::Failed)).failed(&error)
        };
        let would = |reason| there(self.row(job, Status::WouldUpload)).because(reason);
        match decision {
            Decision::Send => would("new"),
            Decision::Replace => would("replaces"),
            Decision::Rename => would("renamed"),
            // Its hash is only asked for by who sends.
            Decision::Hash => would("compared"),
            Decision::Unchanged(same) => there(self.row(job, Status::Unchanged)).because(same.reason()),
            Decision::Skip => there(self.row(job, Status::Skipped)).because("exists"),
            Decision::Exists => refused("exists", "another file of its name is at the destination"),
            Decision::Newer => refused("destinationNewer", "the file at the destination is newer"),
            Decision::Folder => refused("folderInPlace", "the destination has a folder of its name"),
        }
    }
}

impl Same {
    fn reason(self) -> &'static str {
        match self {
            Same::SizeAndTime => "sizeAndTime",
            Same::Hash => "hash",
            Same::SentBefore => "sentBefore",
            Same::Time => "time",
        }
    }
}

/// The row of a file that was sent.
pub(super) fn done(row: Row, uploaded: &Uploaded) -> Row {
    let row = match &uploaded.item {
        Some(item) => row.made(item),
        None => row,
    };
    let warnings = uploaded.warnings.iter().map(|warning| visible_lines(warning)).collect();
    Row { length: uploaded.length, integrity: Some(uploaded.integrity), warnings, ..row }
}
