//! A folder at the destination: entered and listed once, by whoever needs it first. Others wait for the same answer.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::OnceCell;

use super::find::ends_all;
use super::item::Item;
use super::listing::Listing;
use super::row::Row;
use super::run::Run;
use super::tally::Status;
use super::walk::Names;
use crate::error::{Error, Kind};
use crate::locked::locked;
use crate::net::Transport;
use crate::report;

/// A folder there.
pub(super) struct Folder {
    /// Its path below the destination.
    pub names: Names,
    /// Whether this run sends its files.
    pub is_own: bool,
    above: Option<Arc<Folder>>,
    place: OnceCell<Place>,
    listing: OnceCell<Known>,
    has_no_files: AtomicBool,
}

/// Where a folder is. It has no id where nothing shall be made and it is not there. A failure is one that callers are told.
type Place = Result<Option<Arc<str>>, Value>;
/// What it holds.
type Known = Result<Mutex<Listing>, Value>;

impl Folder {
    /// The destination itself. What is known to hold nothing is not listed.
    pub fn top(id: Option<Arc<str>>, is_own: bool, is_new: bool) -> Folder {
        let is_empty = is_new || id.is_none();
        Folder {
            place: OnceCell::new_with(Some(Ok(id))),
            listing: OnceCell::new_with(is_empty.then(|| Ok(Mutex::default()))),
            ..Folder::below(None, Arc::from([]), is_own)
        }
    }

    /// Another.
    pub fn below(above: Option<Arc<Folder>>, names: Names, is_own: bool) -> Folder {
        Folder {
            names,
            is_own,
            above,
            place: OnceCell::new(),
            listing: OnceCell::new(),
            has_no_files: AtomicBool::new(false),
        }
    }

    /// Its id, once it was entered.
    pub fn id(&self) -> Option<&Arc<str>> {
        self.place.get()?.as_ref().ok()?.as_ref()
    }

    /// Whether one above it cannot be entered.
    fn is_lost_above(&self) -> bool {
        self.above.as_ref().and_then(|above| above.place.get()).is_some_and(Result::is_err)
    }

    fn set_empty(&self) {
        // Who has listed it before has told the same, or more.
        let _ = self.listing.set(Ok(Mutex::default()));
    }
}

/// A folder that is to be entered.
pub(super) struct Wanted {
    pub folder: Arc<WithFiles>,
    /// Where it is here, if no file of it is sent.
    pub without_files: Option<PathBuf>,
}

/// A folder whose files are still to come: with the last of these it forgets the files that it was listed with.
pub(super) struct WithFiles(pub Arc<Folder>);

impl Deref for WithFiles {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Drop for WithFiles {
    fn drop(&mut self) {
        self.has_no_files.store(true, Ordering::Release);
        if let Some(Ok(listing)) = self.listing.get() {
            locked(listing).keep_folders();
        }
    }
}

impl<T: Transport> Run<'_, T> {
    /// Sees to it that a folder is there, and all above it.
    pub async fn reach<'f>(&self, folder: &'f Folder) -> Result<&'f Place, Error> {
        let (mut way, mut next) = (Vec::new(), Some(folder));
        while let Some(unknown) = next.filter(|one| !one.place.initialized()) {
            way.push(unknown);
            next = unknown.above.as_deref();
        }
        while let Some(next) = way.pop() {
            next.place.get_or_try_init(|| self.enter(next)).await?;
        }
        folder.place.get().ok_or_else(|| Error::Unexpected("a folder that nobody has entered".into()))
    }

    async fn enter(&self, folder: &Folder) -> Result<Place, Error> {
        match self.find_or_make(folder).await {
            Err(error) if ends_all(&error) => Err(error),
            Err(error) => Ok(Err(report::failure(&error))),
            Ok(place) => Ok(place),
        }
    }

    async fn find_or_make(&self, folder: &Folder) -> Result<Place, Error> {
        let (Some(above), Some(name)) = (folder.above.as_deref(), folder.names.last()) else {
            return Err(Error::Unexpected("a folder that is in no other".into()));
        };
        let place = above.place.get().cloned().unwrap_or(Ok(None));
        let Ok(Some(id)) = &place else {
            folder.set_empty();
            return Ok(place);
        };
        // What holds files of ours is listed anyway: then that tells of the folders, too.
        let found = match above.is_own || above.listing.initialized() {
            true => match self.look(above, id, name).await? {
                Ok(found) => found,
                Err(why) => return Ok(Err(why)),
            },
            false => self.remote.find(&self.root.drive, id, name).await?,
        };
        let (item, is_new) = match found {
            Some(item) => (item, false),
            None if self.request.dry_run => {
                folder.set_empty();
                return Ok(Ok(None));
            }
            None => self.remote.folder(&self.root.drive, id, name).await?,
        };
        if !item.is_folder() {
            let path = PathBuf::from(self.shown(&folder.names, ""));
            let why = "the destination has a file, or something else, of this folder's name".into();
            return Err(Error::NotSent { path, kind: Kind::Conflict, reason: "fileInPlace", why });
        }
        if is_new {
            self.tally().folders_made += 1;
            folder.set_empty();
        }
        Ok(Ok(Some(item.id.into())))
    }

    /// What has a name in a folder that is there.
    async fn look(
        &self,
        folder: &Folder,
        id: &str,
        name: &str,
    ) -> Result<Result<Option<Item>, Value>, Error> {
        let known = match folder.listing.get_or_try_init(|| self.list(folder, id)).await? {
            Ok(listing) => locked(listing).find(name),
            Err(why) => return Ok(Err(why.clone())),
        };
        match known {
            Some(item) => Ok(Ok(item)),
            None => self.remote.find(&self.root.drive, id, name).await.map(Ok),
        }
    }

    async fn list(&self, folder: &Folder, id: &str) -> Result<Known, Error> {
        match Listing::of(&self.remote, &self.root.drive, id).await {
            Ok(mut listing) => {
                if folder.has_no_files.load(Ordering::Acquire) {
                    listing.keep_folders();
                }
                Ok(Ok(Mutex::new(listing)))
            }
            Err(error) if ends_all(&error) => Err(error),
            Err(error) => Ok(Err(report::failure(&error))),
        }
    }

    /// What has a file's name there; else the failure of its folder.
    pub async fn existing(&self, folder: &Folder, name: &str) -> Result<Result<Option<Item>, Value>, Error> {
        match self.reach(folder).await? {
            Ok(Some(id)) => self.look(folder, id, name).await,
            Ok(None) => Ok(Ok(None)),
            Err(why) => Ok(Err(why.clone())),
        }
    }

    /// Enters a folder before anybody waits for it, and lists it where files are to come. What keeps it out is told with its
    /// files; where it has none, of itself.
    pub async fn prepare(&self, wanted: Wanted) -> Result<(), Error> {
        let Wanted { folder, without_files } = wanted;
        match (self.reach(&folder).await?, without_files) {
            (Ok(Some(id)), None) => {
                folder.listing.get_or_try_init(|| self.list(&folder, id)).await?;
            }
            (Err(why), Some(path)) if !folder.is_lost_above() => {
                let (name, above) = folder.names.split_last().unwrap_or((&self.root.path, &[]));
                self.progress.know_file(0);
                let row = Row::of(&path, self.shown(above, name), name, 0, Status::Failed);
                self.tell(row.failed_as(why.clone())).await;
            }
            _ => {}
        }
        Ok(())
    }
}
