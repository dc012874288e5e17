//! The entries of a folder.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::shown;
use crate::system;

/// One entry of a folder. There may be very many: what they have in common they share.
pub(super) struct Entry {
    pub folder: Arc<Path>,
    pub name: OsString,
    /// Where its folder is below the source, for patterns.
    pub below_source: Arc<str>,
    /// Whether the caller has named it.
    pub named: bool,
    /// Whether it is meant whatever patterns say: the caller has named it by itself.
    pub meant: bool,
}

impl Entry {
    pub fn path(&self) -> PathBuf {
        system::entry_path(&self.folder, &self.name)
    }

    pub fn below_source(&self) -> String {
        let name = shown(&self.name);
        if self.below_source.is_empty() { name } else { format!("{}/{name}", self.below_source) }
    }
}

pub(super) fn entries_of(path: &Path, below_source: &str) -> io::Result<Vec<Entry>> {
    let (folder, below_source): (Arc<Path>, Arc<str>) = (path.into(), below_source.into());
    let entry = |found: io::Result<fs::DirEntry>| {
        let (folder, below_source) = (Arc::clone(&folder), Arc::clone(&below_source));
        Ok(Entry { folder, name: found?.file_name(), below_source, named: false, meant: false })
    };
    fs::read_dir(path)?.map(entry).collect()
}
