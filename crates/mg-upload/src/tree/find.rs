//! Finds the files, and sees what is to be done with each: the walk here, the folders there, brought together.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use super::listing::Listing;
use super::plan::{Decision, decide};
use super::row::Row;
use super::run::{Job, Run};
use super::tally::Status;
use super::walk::{Met, Names, Odd, Walk};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::report;
use crate::threads::{self, FILES};

/// What the walk may be ahead.
const AHEAD: usize = 256;

/// A folder there, on the way to the one that is looked at.
struct Node {
    names: Names,
    /// Whether this run sends its files.
    is_own: bool,
    state: State,
}

enum State {
    /// Nobody has needed it yet.
    Unknown,
    /// It is there, or would be.
    There { id: Option<Arc<str>>, listing: Option<Listing> },
    /// It cannot be had.
    Failed(Value),
}

impl<T: Transport> Run<'_, T> {
    /// Walks twice: names that cannot be had are told before anything is sent, and sums are known early.
    pub async fn find(&self) -> Result<(), Error> {
        let (walked, mut met) = self.walk()?;
        let counted = async {
            let (mut folder, mut told): (Names, _) = (Arc::from([]), HashSet::new());
            while let Some(met) = met.recv().await {
                self.count(met, &mut folder, &mut told).await;
            }
            told
        };
        let (walked, told) = tokio::join!(walked, counted);
        walked?;
        self.progress.files().walked();
        let (walked, mut met) = self.walk()?;
        let acted = async {
            let mut way = vec![self.top()];
            while let Some(met) = met.recv().await {
                self.act(met, &mut way, &told).await?;
            }
            Ok(())
        };
        let (walked, acted) = tokio::join!(walked, acted);
        acted.and(walked)
    }

    /// Walks on a thread of its own, which ends when nobody listens.
    fn walk(&self) -> Result<(impl Future<Output = Result<(), Error>> + use<T>, mpsc::Receiver<Met>), Error> {
        let request = self.request;
        let walk = Walk {
            sources: request.sources.clone(),
            recurse: request.recurse,
            filter: request.filter()?,
            hidden: request.hidden,
            links: request.links,
            cloud_only: request.cloud_only,
            map: request.name_map.clone(),
            drive: self.root.kind,
            before: self.root.before,
            at_root: self.root.is_root,
        };
        let (sender, met) = mpsc::channel(AHEAD);
        let walked = threads::apart(&FILES, move || {
            let _ = walk.run(&mut |met| match sender.blocking_send(met) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
        });
        Ok((walked, met))
    }

    fn is_own(&self, folder: &[String]) -> bool {
        self.request.shard.is_none_or(|shard| shard.has(folder.iter().map(String::as_str)))
    }

    /// The first walk: sums, and names that cannot be had.
    async fn count(&self, met: Met, folder: &mut Names, told: &mut HashSet<PathBuf>) {
        match met {
            Met::Folder { names } => *folder = names,
            Met::File { local, .. } if self.is_own(folder) => self.progress.know_file(local.length),
            Met::Odd { path, names, name, length, odd } if self.is_own(&names) => {
                self.progress.know_file(length);
                if matches!(odd, Odd::Name(_)) {
                    told.insert(path.clone());
                    self.tell_odd(&path, &names, &name, length, odd).await;
                }
            }
            Met::Filtered if self.is_own(folder) => self.tally().filtered += 1,
            Met::File { .. } | Met::Odd { .. } | Met::Filtered => {}
        }
    }

    /// The second walk: folders are made, files compared and handed on.
    async fn act(&self, met: Met, way: &mut Vec<Node>, told: &HashSet<PathBuf>) -> Result<(), Error> {
        match met {
            Met::Folder { names } if names.is_empty() => Ok(()),
            Met::Folder { names } => {
                way.truncate(names.len());
                way.iter_mut().for_each(Node::forget_files);
                let is_own = self.is_own(&names);
                way.push(Node { names, is_own, state: State::Unknown });
                // An empty folder is one too.
                if is_own { self.reach(way, false).await } else { Ok(()) }
            }
            Met::File { path, name, local } => {
                if !way.last().is_some_and(|node| node.is_own) {
                    return Ok(());
                }
                self.reach(way, true).await?;
                let job = Job { path, folder: None, names: Arc::from([]), name, local, existing: None };
                self.file(job, way).await
            }
            Met::Odd { path, names, name, length, odd } => {
                if self.is_own(&names) && !told.contains(&path) {
                    self.tell_odd(&path, &names, &name, length, odd).await;
                }
                Ok(())
            }
            Met::Filtered => Ok(()),
        }
    }

    /// The destination itself, on the way to every folder.
    fn top(&self) -> Node {
        let id = self.root.folder.as_deref().map(Arc::from);
        let is_empty = self.root.is_new || id.is_none();
        let state = State::There { id, listing: is_empty.then(Listing::default) };
        Node { names: Arc::from([]), is_own: self.is_own(&[]), state }
    }

    /// Sees to it that the last folder of the way is there, and all above it; with `listed`, that what it holds is known.
    async fn reach(&self, way: &mut [Node], listed: bool) -> Result<(), Error> {
        for depth in 1..way.len() {
            if !matches!(way[depth].state, State::Unknown) {
                continue;
            }
            // What holds files of ours is listed anyway: then that tells of the folders, too.
            if way[depth - 1].is_own {
                self.list(&mut way[depth - 1]).await?;
            }
            let state = self.enter(&way[depth - 1], &way[depth].names).await;
            way[depth].state = match state {
                Err(error) if ends_all(&error) => return Err(error),
                Err(error) => State::Failed(report::failure(&error)),
                Ok(state) => state,
            };
        }
        match way.last_mut().filter(|_| listed) {
            Some(node) => self.list(node).await,
            None => Ok(()),
        }
    }

    /// A folder in one that is there.
    async fn enter(&self, above: &Node, names: &Names) -> Result<State, Error> {
        let (above, listing) = match &above.state {
            State::There { id, listing } => (id, listing),
            State::Failed(why) => return Ok(State::Failed(why.clone())),
            State::Unknown => {
                return Err(Error::Unexpected("a folder whose parent nobody has looked at".into()));
            }
        };
        let nowhere = State::There { id: None, listing: Some(Listing::default()) };
        let (Some(above), Some(name)) = (above, names.last()) else { return Ok(nowhere) };
        let found = match listing.as_ref().filter(|listing| !listing.singly) {
            Some(listing) => listing.get(name).cloned(),
            None => self.remote.find(&self.root.drive, above, name).await?,
        };
        let (item, is_new) = match found {
            Some(item) => (item, false),
            None if self.request.dry_run => return Ok(nowhere),
            None => self.remote.folder(&self.root.drive, above, name).await?,
        };
        if !item.is_folder() {
            let path = PathBuf::from(self.shown(names, ""));
            let why = "the destination has a file, or something else, of this folder's name".into();
            return Err(Error::NotSent { path, kind: Kind::Conflict, reason: "fileInPlace", why });
        }
        self.tally().folders_made += u64::from(is_new);
        Ok(State::There { id: Some(item.id.into()), listing: is_new.then(Listing::default) })
    }

    async fn list(&self, node: &mut Node) -> Result<(), Error> {
        let State::There { id: Some(id), listing: listing @ None } = &mut node.state else { return Ok(()) };
        match Listing::of(&self.remote, &self.root.drive, id).await {
            Ok(listed) => *listing = Some(listed),
            Err(error) if ends_all(&error) => return Err(error),
            Err(error) => node.state = State::Failed(report::failure(&error)),
        }
        Ok(())
    }

    /// Settles a file where that takes nothing but looking, and hands it on where it does.
    async fn file(&self, mut job: Job, way: &[Node]) -> Result<(), Error> {
        let Some(node) = way.last() else { return Ok(()) };
        job.names = Arc::clone(&node.names);
        let listing = match &node.state {
            State::There { id, listing } => {
                job.folder.clone_from(id);
                listing
            }
            State::Failed(why) => {
                self.tell(self.row(&job, Status::Failed).failed_as(why.clone())).await;
                return Ok(());
            }
            State::Unknown => {
                return Err(Error::Unexpected("a file whose folder nobody has looked at".into()));
            }
        };
        if let Some(listing) = listing {
            let found = match &job.folder {
                Some(folder) if listing.singly => self.remote.find(&self.root.drive, folder, &job.name).await,
                _ => Ok(listing.get(&job.name).cloned()),
            };
            job.existing = match found {
                Err(error) if ends_all(&error) => return Err(error),
                Err(error) => {
                    self.tell(self.row(&job, Status::Failed).failed(&error)).await;
                    return Ok(());
                }
                Ok(found) => found,
            };
        }
        let there = job.existing.as_ref().map(|item| item.there(self.root.kind));
        let decision = decide(job.local, there.as_ref(), self.before(&job).as_ref(), None, self.wish);
        match decision {
            Decision::Send | Decision::Replace | Decision::Rename | Decision::Hash => {
                self.board.add(job.local.length, job).await;
            }
            // What an earlier run has left open is seen to by who sends.
            Decision::Unchanged(_) if self.is_open(&job) => self.board.add(job.local.length, job).await,
            _ => self.tell(self.settled(&job, decision)).await,
        }
        Ok(())
    }

    /// A row of something that is no file to be sent.
    async fn tell_odd(&self, path: &Path, names: &Names, name: &str, length: u64, odd: Odd) {
        let row = |status| Row::of(path, self.shown(names, name), name, length, status);
        let path = || path.to_owned();
        let refused = |kind, reason, why: String| {
            row(Status::Failed).because(reason).failed(&Error::NotSent { path: path(), kind, reason, why })
        };
        self.tell(match odd {
            Odd::Name(bad) => {
                let why = format!("it cannot have its name at the destination: {bad}");
                refused(Kind::InvalidInput, bad.reason(), why)
            }
            Odd::Link => row(Status::Skipped).because("link"),
            Odd::Loop => row(Status::Skipped).because("loop"),
            Odd::Special => row(Status::Skipped).because("special"),
            Odd::CloudOnly => row(Status::Skipped).because("cloudOnly"),
            Odd::Dangling => refused(Kind::SourceMissing, "danglingLink", "it is a link to nothing".into()),
            Odd::NoRecurse => {
                refused(Kind::InvalidInput, "folder", "it is a folder, and folders were not asked for".into())
            }
            Odd::Unreadable(error) if error.kind() == std::io::ErrorKind::NotFound => row(Status::Failed)
                .failed(&Error::SourceMissing {
                    path: path(),
                    why: "there is no such file or folder".into(),
                }),
            Odd::Unreadable(source) => {
                row(Status::Failed).failed(&Error::SourceDenied { path: path(), source })
            }
        })
        .await;
    }
}

impl Node {
    /// What is left of it when its folders come.
    fn forget_files(&mut self) {
        if let State::There { listing: Some(listing), .. } = &mut self.state {
            listing.keep_folders();
        }
    }
}

/// Whether a failure is that of the whole.
pub(super) fn ends_all(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Cancelled | Kind::Unauthenticated | Kind::QuotaExceeded | Kind::OutOfResources
    )
}
