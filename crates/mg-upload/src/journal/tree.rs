//! What is noted of a tree while it is sent: the sessions of small files, which have no records of their own; what was made
//! of files that the service writes into; and how far it has come.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::disk::Folder;
use super::jobs::{Job, Standing, read_job, standing_file};
use super::{Journal, VERSION};
use crate::error::Error;
use crate::locked::locked;
use crate::secret::Secret;
use crate::system::{self, Lock};

/// Lines that nobody needs any more, above which the notes are written anew.
const STALE: usize = 1000;

/// What was made of a file that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its bytes.
    #[serde(rename = "l")]
    pub length: u64,
    /// When it was last written.
    #[serde(rename = "m")]
    pub modified: Option<Timestamp>,
    /// The tag of the content that the service has.
    #[serde(rename = "t")]
    pub c_tag: String,
}

/// A line of a job's notes. `at` is where a file goes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    /// A session was made.
    Open { at: String, url: String },
    /// It has come to its end.
    Closed { at: String },
    /// The service has written into the file.
    Made { at: String, made: Made },
    /// It has another name there.
    Renamed { at: String, name: String },
}

/// What the lines say together.
#[derive(Debug, Default)]
struct Noted {
    open: HashMap<String, Secret>,
    made: HashMap<String, Made>,
    renamed: HashMap<String, String>,
    /// How many they are.
    lines: usize,
    /// Whether a crash has cut one off.
    torn: bool,
}

/// A job's notes, and the right to write them.
#[derive(Debug)]
pub struct Notes {
    journal: Journal,
    /// The job's id.
    pub id: String,
    /// Sessions that an earlier run has left, by where they go.
    pub open: HashMap<String, Secret>,
    /// What was made of files, by where they are.
    pub made: HashMap<String, Made>,
    /// The names that files were given whose own was taken, by where they were to be.
    pub renamed: HashMap<String, String>,
    file: Mutex<File>,
    /// Lines that the next write takes along. Without them a run after a kill asks for the end of a session that has ended.
    ended: Mutex<Vec<u8>>,
    _lock: Lock,
}

impl Journal {
    /// Begins a job, or goes on with it. Blocks. One that runs already is an error.
    pub fn begin_tree(&self, job: Job) -> Result<Notes, Error> {
        let journal = self.trees();
        let lock = journal.lock(&job.id)?;
        let file = journal.file(&job.id);
        let created =
            read_job(&journal.folder, &file).map_or_else(|_| job.created.clone(), |earlier| earlier.created);
        let job = Job { version: VERSION, created, ..job };
        let written = journal.folder.replace(&file, &job, true);
        written.map_err(|error| journal.failed("takes no notes of a tree", &error))?;
        journal.notes(job.id, lock)
    }

    /// The notes of a job that is on record, to give it up. Blocks. One that runs is an error.
    pub fn take_tree(&self, id: &str) -> Result<Notes, Error> {
        let id = self.tree_job(id)?.id;
        let journal = self.trees();
        let lock = journal.lock(&id)?;
        journal.notes(id, lock)
    }

    fn notes(self, id: String, lock: Lock) -> Result<Notes, Error> {
        let failed = |error: io::Error| self.failed("takes no notes of a tree", &error);
        let notes = self.file(&id).with_extension("notes");
        let noted = read_notes(&self.folder, &notes).map_err(failed)?;
        // Behind a line that a crash has cut off, the next one would be a part of it.
        if noted.torn || noted.lines > noted.open.len() + noted.made.len() + noted.renamed.len() + STALE {
            rewrite(&self.folder, &notes, &noted).map_err(failed)?;
        }
        let file = append_to(&self.folder, &notes).map_err(failed)?;
        let (file, ended) = (Mutex::new(file), Mutex::default());
        let Noted { open, made, renamed, .. } = noted;
        Ok(Notes { id, open, made, renamed, file, ended, _lock: lock, journal: self })
    }
}

impl Notes {
    /// Notes that a session was made, before anything is sent to it. Blocks.
    pub fn opened(&self, at: &str, url: &Secret) -> Result<(), Error> {
        self.write(&Line::Open { at: at.to_owned(), url: url.expose().to_owned() })
    }

    /// Notes that it has come to its end. Written with the next note, or by [`Notes::keep`].
    pub fn closed(&self, at: &str) {
        if let Ok(line) = line(&Line::Closed { at: at.to_owned() }) {
            locked(&self.ended).extend(line);
        }
    }

    /// Notes what the service has made of a file. Blocks.
    pub fn made(&self, at: &str, made: Made) -> Result<(), Error> {
        self.write(&Line::Made { at: at.to_owned(), made })
    }

    /// Notes the name that a file was given. Blocks.
    pub fn renamed(&self, at: &str, name: &str) -> Result<(), Error> {
        self.write(&Line::Renamed { at: at.to_owned(), name: name.to_owned() })
    }

    fn write(&self, noted: &Line) -> Result<(), Error> {
        let mut text = std::mem::take(&mut *locked(&self.ended));
        text.extend(line(noted)?);
        self.append(&text)
    }

    fn append(&self, text: &[u8]) -> Result<(), Error> {
        let written = locked(&self.file).write_all(text);
        written.map_err(|error| self.journal.failed("takes no notes of a tree", &error))
    }

    /// Writes what was not written yet. Blocks.
    pub fn keep(&self) -> Result<(), Error> {
        let text = std::mem::take(&mut *locked(&self.ended));
        self.append(&text)
    }

    /// Notes how far it has come. A power cut may cost that. Blocks.
    pub fn stands(&self, standing: &Standing) -> Result<(), Error> {
        let file = standing_file(&self.journal.file(&self.id));
        let noted = self.journal.folder.replace(&file, standing, false);
        noted.map_err(|error| self.journal.failed("takes no notes of a tree", &error))
    }

    /// The job is done: it is no more to be seen. What was made of files stays known. Blocks.
    pub fn done(&self) -> Result<(), Error> {
        let failed = |error: io::Error| self.journal.failed("keeps the record of a tree", &error);
        let job = self.journal.file(&self.id);
        system::remove(&standing_file(&job)).map_err(failed)?;
        system::remove(&job).map_err(failed)
    }
}

fn line(line: &Line) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec(line).map_err(|error| Error::Unexpected(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

/// Opens the notes to add lines, and makes them where there are none.
fn append_to(folder: &Folder, notes: &Path) -> io::Result<File> {
    match folder.write_new(notes, b"", false) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    system::patiently(|| folder.open_own(notes, fs::OpenOptions::new().append(true)))
}

fn read_notes(folder: &Folder, notes: &Path) -> io::Result<Noted> {
    let mut noted = Noted::default();
    let file = match folder.open_own(notes, fs::OpenOptions::new().read(true)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(noted),
        file => file?,
    };
    let (mut file, mut line) = (BufReader::new(file), Vec::new());
    while file.read_until(b'\n', &mut line)? > 0 {
        noted.lines += 1;
        noted.torn |= !line.ends_with(b"\n");
        match serde_json::from_slice(&line) {
            Ok(Line::Open { at, url }) => drop(noted.open.insert(at, Secret::new(url))),
            Ok(Line::Closed { at }) => drop(noted.open.remove(&at)),
            Ok(Line::Made { at, made }) => drop(noted.made.insert(at, made)),
            Ok(Line::Renamed { at, name }) => drop(noted.renamed.insert(at, name)),
            Err(_) => noted.torn = true,
        }
        line.clear();
    }
    Ok(noted)
}

fn rewrite(folder: &Folder, notes: &Path, noted: &Noted) -> io::Result<()> {
    let unfinished = notes.with_extension("notes-new");
    system::remove(&unfinished)?;
    let mut text = Vec::new();
    let mut write = |line: &Line| {
        serde_json::to_writer(&mut text, line)?;
        text.write_all(b"\n")
    };
    for (at, url) in &noted.open {
        write(&Line::Open { at: at.clone(), url: url.expose().to_owned() })?;
    }
    for (at, made) in &noted.made {
        write(&Line::Made { at: at.clone(), made: made.clone() })?;
    }
    for (at, name) in &noted.renamed {
        write(&Line::Renamed { at: at.clone(), name: name.clone() })?;
    }
    folder.write_new(&unfinished, &text, true)?;
    system::rename(&unfinished, notes)
}

#[cfg(test)]
mod tests;
