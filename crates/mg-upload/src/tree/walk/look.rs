//! What an entry of a folder is: a file, a folder, left out, or something that cannot be sent.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Arc;

use super::{Entry, Links, Odd, Pending, Walk};
use crate::system::{self, FolderIdentity};
use crate::tree::plan::Local;

/// What an entry turns out to be.
pub(super) enum Looked {
    Filtered,
    Folder(Option<FolderIdentity>),
    File(Local),
    Odd(Odd, u64),
}

/// A folder that is being walked, and those above it.
pub(super) struct Above {
    pub own: FolderIdentity,
    pub above: Option<Arc<Above>>,
}

impl Above {
    fn has(&self, wanted: &FolderIdentity) -> bool {
        self.own == *wanted || self.above.as_ref().is_some_and(|above| above.has(wanted))
    }
}

impl Walk {
    /// What an entry is.
    pub(super) fn look(&self, entry: &Entry, folder: &Pending) -> Looked {
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
        let meant = entry.meant
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
            _ => Looked::File(Local::of(kind.len(), kind.modified().ok())),
        }
    }

    /// The folders above a source: a link to one of them is a loop, too.
    pub(super) fn above(&self, source: &Path) -> Option<Arc<Above>> {
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
