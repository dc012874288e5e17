//! The tree here: read a folder at a time, in the order of names, nothing kept of what was passed on.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::fold;
use super::map::NameMap;
use super::names::{self, BadName, DriveKind, Spot, units};
use super::plan::Local;
use crate::system::{self, FolderIdentity};

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

/// Names of a path below the destination, as they are there.
pub type Names = Arc<[String]>;

/// Why something is left out, or cannot be sent.
#[derive(Debug)]
pub enum Odd {
    /// Its name, or that of a folder above it.
    Name(BadName),
    /// A link, and links are left out.
    Link,
    /// A link to a folder above it.
    Loop,
    /// A link to nothing.
    Dangling,
    /// Neither a file nor a folder.
    Special,
    /// A file that is in a cloud and not here.
    CloudOnly,
    /// A folder, and folders are not asked for.
    NoRecurse,
    /// The system's reason.
    Unreadable(io::Error),
}

/// What the walk meets.
#[derive(Debug)]
pub enum Met {
    /// A folder begins: its files come next, then the folders in it.
    Folder {
        /// Its path below the destination.
        names: Names,
    },
    /// A file of the folder that has begun last.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its name at the destination.
        name: String,
        /// What it is.
        local: Local,
    },
    /// Something else of that folder, or of a folder that cannot be made.
    Odd {
        /// Where it is.
        path: PathBuf,
        /// Its folder's path below the destination.
        names: Names,
        /// Its name, as far as it can be written.
        name: String,
        /// Bytes, of a file.
        length: u64,
        /// What is odd.
        odd: Odd,
    },
    /// Something was left out without a word: a pattern, or a hidden name.
    Filtered,
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

struct Above {
    own: FolderIdentity,
    above: Option<Arc<Above>>,
}

impl Above {
    fn has(&self, wanted: &FolderIdentity) -> bool {
        self.own == *wanted || self.above.as_ref().is_some_and(|above| above.has(wanted))
    }
}

/// One entry of a folder. There may be very many: what they have in common they share.
struct Entry {
    folder: Arc<Path>,
    name: OsString,
    /// Where its folder is below the source, for patterns.
    below_source: Arc<str>,
    /// Whether the caller has named it: then it is meant, whatever patterns say.
    named: bool,
}

impl Entry {
    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn below_source(&self) -> String {
        let name = shown(&self.name);
        if self.below_source.is_empty() { name } else { format!("{}/{name}", self.below_source) }
    }
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
        sink(Met::Folder { names: Arc::clone(&top) })?;
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
                sink(Met::Folder { names: Arc::clone(&folder.names) })?;
            }
            match read(&folder) {
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

    /// The name that an entry is to have there, before the map.
    fn name_there<'a>(&'a self, entry: &'a Entry) -> &'a OsStr {
        match self.sources.as_slice() {
            [Source { name: Some(name), .. }] if entry.named => OsStr::new(name),
            _ => &entry.name,
        }
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
            None => fs::canonicalize(&source.path),
        };
        let found = path.and_then(|path| fs::metadata(&path).map(|metadata| (path, metadata)));
        let (path, metadata) = match found {
            Ok(found) => found,
            Err(error) => return odd.push((source.path.clone(), Odd::Unreadable(error))),
        };
        if metadata.is_dir() && !self.recurse {
            return odd.push((path, Odd::NoRecurse));
        }
        let own = path.file_name().map(OsStr::to_owned);
        match own {
            Some(name) if !(source.contents && metadata.is_dir()) => {
                let folder = path.parent().unwrap_or(&path).into();
                entries.push(Entry { folder, name, below_source: "".into(), named: true });
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

    /// A name as it is sent, and what is wrong with it where it is a file's, or a folder's.
    fn name<'a>(
        &self,
        folder: &'a Pending,
        name: &OsStr,
        named: &Named,
    ) -> (String, impl Fn(bool) -> Option<BadName> + use<'_, 'a>) {
        let sent = self.sent(name);
        let (text, collision) = match &sent {
            Some(sent) => (sent.clone(), named.collision(sent)),
            None => (shown(name), None),
        };
        let before = self.before + folder.names.iter().map(|name| units(name) + 1).sum::<usize>();
        let (drive, at_root) = (self.drive, self.at_root && folder.names.is_empty());
        let bad = move |is_folder| match &sent {
            None => Some(BadName::NotUnicode),
            Some(sent) => names::check(sent, Spot { drive, is_folder, at_root, before }).err().or(collision),
        };
        (text, bad)
    }

    /// A name as it is sent.
    fn sent(&self, name: &OsStr) -> Option<String> {
        let name = name.to_str()?;
        Some(fold::composed(&self.map.as_ref().map_or_else(|| name.to_owned(), |map| map.apply(name))))
    }

    /// What an entry is.
    fn look(&self, entry: &Entry, folder: &Pending) -> Looked {
        let path = entry.path();
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return Looked::Odd(Odd::Unreadable(error), 0),
        };
        let name = entry.name.to_string_lossy();
        let shown = entry.named || self.hidden || !system::is_hidden(&name, &metadata);
        let is_link = metadata.is_symlink();
        // What the caller has named is followed: it is that file which was meant.
        let follow = entry.named || self.links == Links::Follow;
        let real = if is_link && (follow || shown) { fs::metadata(&path).ok() } else { None };
        let kind = real.as_ref().unwrap_or(&metadata);
        let meant = entry.named
            || match kind.is_dir() {
                true => self.filter.takes_folder(&entry.below_source(), &name),
                false => self.filter.takes_file(&entry.below_source(), &name),
            };
        match (is_link, &real) {
            _ if !shown || !meant => Looked::Filtered,
            (true, _) if !follow => Looked::Odd(Odd::Link, 0),
            (true, None) => Looked::Odd(Odd::Dangling, 0),
            _ if kind.is_dir() => self.folder(entry, folder, kind),
            _ if !kind.is_file() => Looked::Odd(Odd::Special, 0),
            _ if !self.cloud_only && system::is_elsewhere(kind) => Looked::Odd(Odd::CloudOnly, kind.len()),
            _ => Looked::File(Local { length: kind.len(), modified: modified(kind) }),
        }
    }

    /// The folders above a source: a link to one of them is a loop, too.
    fn above(&self, source: &Path) -> Option<Arc<Above>> {
        let real = fs::canonicalize(source).ok().filter(|_| self.links == Links::Follow)?;
        let above: Vec<&Path> = real.ancestors().skip(1).collect();
        let identity = |folder: &Path| system::folder_identity(folder, &fs::metadata(folder).ok()?).ok();
        let own = above.into_iter().rev().filter_map(identity);
        own.fold(None, |above, own| Some(Arc::new(Above { own, above })))
    }

    fn folder(&self, entry: &Entry, folder: &Pending, metadata: &Metadata) -> Looked {
        if self.links == Links::Skip && !entry.named {
            return Looked::Folder(None);
        }
        match system::folder_identity(&entry.path(), metadata) {
            Ok(own) if folder.ancestors.as_ref().is_some_and(|above| above.has(&own)) => {
                Looked::Odd(Odd::Loop, 0)
            }
            Ok(own) => Looked::Folder(Some(own)),
            Err(error) => Looked::Odd(Odd::Unreadable(error), 0),
        }
    }
}

/// What an entry turns out to be.
enum Looked {
    Filtered,
    Folder(Option<FolderIdentity>),
    File(Local),
    Odd(Odd, u64),
}

/// How many entries of a folder have the same name at the destination: hashes only, for there may be very many.
struct Named(HashMap<u64, (u32, bool)>);

impl Named {
    fn of(walk: &Walk, entries: &[Entry]) -> Named {
        let mut seen: HashMap<u64, (u32, bool, u64)> = HashMap::new();
        for sent in entries.iter().filter_map(|entry| walk.sent(&entry.name)) {
            let (key, exact) = (hash(&fold::key(&sent)), hash(&sent));
            let known = seen.entry(key).or_insert((0, false, exact));
            known.0 += 1;
            known.1 |= known.2 == exact && known.0 > 1;
        }
        Named(
            seen.into_iter()
                .filter(|(_, seen)| seen.0 > 1)
                .map(|(key, seen)| (key, (seen.0, seen.1)))
                .collect(),
        )
    }

    fn collision(&self, sent: &str) -> Option<BadName> {
        let (_, same) = self.0.get(&hash(&fold::key(sent)))?;
        Some(if *same { BadName::NormalizationCollision } else { BadName::CaseCollision })
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
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

fn read(folder: &Pending) -> io::Result<Vec<Entry>> {
    entries_of(&folder.path, &folder.below_source)
}

fn entries_of(path: &Path, below_source: &str) -> io::Result<Vec<Entry>> {
    let (folder, below_source): (Arc<Path>, Arc<str>) = (path.into(), below_source.into());
    let entry = |found: io::Result<fs::DirEntry>| {
        let (folder, below_source) = (Arc::clone(&folder), Arc::clone(&below_source));
        Ok(Entry { folder, name: found?.file_name(), below_source, named: false })
    };
    fs::read_dir(path)?.map(entry).collect()
}

fn shown(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata.modified().ok()?.try_into().ok()
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
