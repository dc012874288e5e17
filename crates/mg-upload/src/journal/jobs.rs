//! Trees that are being sent, or were until something ended it: each a record, so that it can be seen, gone on with and
//! given up.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::disk::{Folder, RECORD_LIMIT};
use super::{Journal, VERSION};
use crate::error::Error;
use crate::hex::hex;

/// A pipeline may have named half a million sources.
const JOB_LIMIT: u64 = 512 << 20;

/// A tree that is being sent, or was until something ended it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The record's version.
    pub version: u32,
    /// Its id.
    pub id: String,
    /// The Graph endpoint that it belongs to.
    pub endpoint: String,
    /// When it began first, in UTC.
    pub created: String,
    /// What was asked for: the same again goes on with it.
    pub request: Value,
    /// Where it goes.
    pub destination: Value,
}

/// How far a job had come when that was last noted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Files that were settled.
    pub done: u64,
    /// Files that were known of, those among them.
    pub known: u64,
    /// Whether all were.
    pub walked: bool,
    /// Bytes that were done.
    pub bytes_done: u64,
    /// Bytes of all files that were known of.
    pub bytes_total: u64,
}

/// What a file of the jobs' folder holds.
#[derive(Debug)]
pub enum TreeEntry {
    /// A job that has not come to its end.
    Open {
        /// What is on record of it.
        job: Box<Job>,
        /// How far it has come, where that was noted.
        standing: Option<Standing>,
        /// Whether a process does it now, this one or another.
        is_running: bool,
    },
    /// Something that cannot be read. It is left alone.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
}

/// A job's id: the same sources, destination and part make the same.
pub fn job_id(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join("\n").as_bytes())[..12])
}

impl Journal {
    pub(super) fn trees(&self) -> Journal {
        Journal { folder: self.folder.below("trees"), ..self.clone() }
    }

    /// The jobs that have not come to their end, the oldest first. Blocks.
    pub fn tree_jobs(&self) -> Result<Vec<TreeEntry>, Error> {
        let journal = self.trees();
        let mut entries = Vec::new();
        for file in journal.listed(|_| {})? {
            match read_job(&journal.folder, &file) {
                Ok(job) => entries.push(TreeEntry::Open {
                    standing: read_standing(&journal.folder, &file),
                    is_running: journal.is_locked(&job.id),
                    job: Box::new(job),
                }),
                // It has come to its end since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => entries.push(TreeEntry::Unreadable { file, why: error.to_string() }),
            }
        }
        entries.sort_by_key(|entry| match entry {
            TreeEntry::Open { job, .. } => (0, job.created.clone()),
            TreeEntry::Unreadable { file, .. } => (1, file.to_string_lossy().into_owned()),
        });
        Ok(entries)
    }

    /// A job by its id. Blocks.
    pub fn tree_job(&self, id: &str) -> Result<Job, Error> {
        let missing =
            || Error::UnknownId(format!("no tree with the id '{}' is open here", id.escape_debug()));
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(missing());
        }
        let journal = self.trees();
        let file = journal.file(&id.to_ascii_lowercase());
        let job = journal.folder.check().and_then(|()| read_job(&journal.folder, &file));
        job.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => Error::InvalidInput(format!("the record {} is unusable: {error}", file.display())),
        })
    }
}

/// Where a job's standing is, by its record.
pub(super) fn standing_file(job: &Path) -> PathBuf {
    job.with_extension("standing")
}

pub(super) fn read_job(folder: &Folder, file: &Path) -> io::Result<Job> {
    let job: Job = serde_json::from_str(&folder.read_text(file, JOB_LIMIT)?)?;
    let is_whole = job.version == VERSION && file.file_stem().is_some_and(|stem| stem == job.id.as_str());
    if is_whole { Ok(job) } else { Err(io::Error::other("it is damaged, or of another version")) }
}

/// Whoever only looks needs it, so that one which cannot be read is none.
fn read_standing(folder: &Folder, job: &Path) -> Option<Standing> {
    serde_json::from_str(&folder.read_text(&standing_file(job), RECORD_LIMIT).ok()?).ok()
}
