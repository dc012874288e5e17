//! The tree here: read a folder at a time, in the order of names, nothing kept of what was passed on.

mod entry;
mod look;
mod met;
mod naming;

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::map::NameMap;
use super::names::{BadName, DriveKind};
use crate::system;

use entry::{Entry, entries_of};
use look::{Above, Looked};
use naming::Named;

pub use met::{Met, Names, Odd};

/// What is done with links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Links {
    /// They are left out, each with a row.
    #[default]
    Skip,
    /// What they lead to is sent, unless that is a folder above them.
    Follow,
}

/// A file or folder that the caller has named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Of a folder: what it holds, without the folder itself.
    #[serde(default)]
    pub contents: bool,
    /// Whether it was found by a wildcard or a search: then patterns are for it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// Its name there, where that is another one: of an only source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is walked, and how.
#[derive(Debug, Clone)]
pub struct Walk {
    /// What the caller has named.
    pub sources: Vec<Source>,
    /// Whether folders may be among it.
    pub recurse: bool,
    /// Which files are meant.
    pub filter: Filter,
    /// Whether hidden ones are.
    pub hidden: bool,
    /// What is done with links.
    pub links: Links,
    /// Whether files are read that are in a cloud and not here.
    pub cloud_only: bool,
    /// Other characters for those that are refused.
    pub map: Option<NameMap>,
    /// Whose rules names follow.
    pub drive: DriveKind,
    /// UTF-16 units of the destination's own path.
    pub before: usize,
    /// Whether the destination is a drive's root.
    pub at_root: bool,
}

/// A folder that is still to be read.
struct Pending {
    path: PathBuf,
    names: Names,
    below_source: String,
    /// What is wrong with its own name, or with one above it.
    bad: Option<BadName>,
    /// Itself and those above it, where links are followed.
    ancestors: Option<Arc<Above>>,
}

/// What a walk hands things to.
type Sink<'s> = &'s mut dyn FnMut(Met) -> ControlFlow<()>;

impl Walk {
    /// Walks. Blocks; ends early where the sink breaks.
    pub fn run(&self, sink: Sink<'_>) -> ControlFlow<()> {
        let mut entries = Vec::new();
        let mut odd = Vec::new();
        for source in &self.sources {
            self.named(source, &mut entries, &mut odd);
        }
        let top: Names = Arc::from([]);
        sink(Met::Folder { path: PathBuf::new(), names: Arc::clone(&top) })?;
        for (path, why) in odd {
            let name = shown(path.file_name().unwrap_or(path.as_os_str()));
            sink(Met::Odd { path, names: Arc::clone(&top), name, length: 0, odd: why })?;
        }
        let top = Pending {
            path: PathBuf::new(),
            names: top,
            below_source: String::new(),
            bad: None,
            ancestors: None,
        };
        let mut pending = self.entries(&top, entries, sink)?;
        while let Some(folder) = pending.pop() {
            if folder.bad.is_none() {
                sink(Met::Folder { path: folder.path.clone(), names: Arc::clone(&folder.names) })?;
            }
            match entries_of(&folder.path, &folder.below_source) {
                Ok(entries) if entries.is_empty() && folder.bad.is_some() => self.doomed(&folder, sink)?,
                Ok(entries) => pending.extend(self.entries(&folder, entries, sink)?),
                Err(error) => {
                    let (names, name) = folder.split();
                    sink(Met::Odd {
                        path: folder.path,
                        names,
                        name,
                        length: 0,
                        odd: Odd::Unreadable(error),
                    })?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// A folder with nothing in it that cannot be made.
    fn doomed(&self, folder: &Pending, sink: Sink<'_>) -> ControlFlow<()> {
        let Some(bad) = folder.bad else { return ControlFlow::Continue(()) };
        let (names, name) = folder.split();
        sink(Met::Odd { path: folder.path.clone(), names, name, length: 0, odd: Odd::Name(bad) })
    }

    /// What a source puts into the destination.
    fn named(&self, source: &Source, entries: &mut Vec<Entry>, odd: &mut Vec<(PathBuf, Odd)>) {
        // A folder that is named by `.` or `..` has its name all the same.
        let path = match source.path.file_name() {
            Some(_) => std::path::absolute(&source.path),
            None => system::unnamed(&source.path),
        };
        let found = path.and_then(|path| fs::metadata(&path).map(|metadata| (path, metadata)));
        let (path, metadata) = match found {
            Ok(found) => found,
            Err(error) => return odd.push((source.path.clone(), Odd::Unreadable(error))),
        };
        let own = path.file_name().map(OsStr::to_owned);
        let is_left_out = source.found
            && metadata.is_dir()
            && own.as_ref().is_some_and(|name| !self.filter.takes_folder(&shown(name), &shown(name)));
        if metadata.is_dir() && !self.recurse && !is_left_out {
            return odd.push((path, Odd::NoRecurse));
        }
        match own {
            Some(name) if is_left_out || !(source.contents && metadata.is_dir()) => {
                let folder = path.parent().unwrap_or(&path).into();
                let (below_source, meant) = ("".into(), !source.found);
                entries.push(Entry { folder, name, below_source, named: true, meant });
            }
            // The root of a file system has no name either.
            _ => match entries_of(&path, "") {
                Ok(inside) => entries.extend(inside),
                Err(error) => odd.push((path, Odd::Unreadable(error))),
            },
        }
    }

    /// Passes a folder's files on, and returns the folders in it, the first one last.
    fn entries(
        &self,
        folder: &Pending,
        mut entries: Vec<Entry>,
        sink: Sink<'_>,
    ) -> ControlFlow<(), Vec<Pending>> {
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        let named = Named::of(self, &entries);
        let mut folders = Vec::new();
        for entry in entries {
            let (name, bad) = self.name(folder, self.name_there(&entry), &named);
            let met = match self.look(&entry, folder) {
                Looked::Filtered => Met::Filtered,
                Looked::Folder(own) => {
                    let names: Names = folder.names.iter().cloned().chain([name]).collect();
                    // Whether it is too long, or reserved, a folder's own rules say.
                    let bad = folder.bad.or_else(|| bad(true));
                    let above =
                        if entry.named { self.above(&entry.path()) } else { folder.ancestors.clone() };
                    let ancestors = own.map(|own| Arc::new(Above { own, above }));
                    let below_source = if entry.named { String::new() } else { entry.below_source() };
                    folders.push(Pending { path: entry.path(), names, below_source, bad, ancestors });
                    continue;
                }
                Looked::File(local) => match folder.bad.or_else(|| bad(false)) {
                    None => Met::File { path: entry.path(), name, local },
                    Some(bad) => self.odd(entry.path(), folder, name, local.length, Odd::Name(bad)),
                },
                Looked::Odd(odd, length) => self.odd(entry.path(), folder, name, length, odd),
            };
            sink(met)?;
        }
        folders.reverse();
        ControlFlow::Continue(folders)
    }

    fn odd(&self, path: PathBuf, folder: &Pending, name: String, length: u64, odd: Odd) -> Met {
        Met::Odd { path, names: Arc::clone(&folder.names), name, length, odd }
    }
}

impl Pending {
    /// The folder that it stands in, and its name.
    fn split(&self) -> (Names, String) {
        match self.names.split_last() {
            Some((name, above)) => (Arc::from(above), name.clone()),
            None => (Arc::clone(&self.names), String::new()),
        }
    }
}

fn shown(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
