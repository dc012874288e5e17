//! Finds the files, and hands them on with the folders that they go to.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::folder::{Folder, Wanted, WithFiles};
use super::row::Row;
use super::run::{Job, Run};
use super::tally::Status;
use super::walk::{Met, Names, Odd, Walk};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::threads::{self, FILES};

/// What the walk may be ahead.
const AHEAD: usize = 256;
/// Folders that may be waited for.
const FOLDERS_AHEAD: usize = 64;
/// Folders that are entered at once beside the files, at most: half as many as files.
const FOLDERS_AT_ONCE: usize = 4;

impl<T: Transport> Run<'_, T> {
    /// Walks twice: names that cannot be had are told before anything is sent, and sums are known early.
    pub async fn find(&self) -> Result<(), Error> {
        let (walked, mut met) = self.walk()?;
        let counted = async {
            let (mut folder, mut counted): (Names, _) = (Arc::from([]), Counted::default());
            while let Some(met) = met.recv().await {
                self.count(met, &mut folder, &mut counted).await;
            }
            counted
        };
        let (walked, Counted { told, bytes }) = tokio::join!(walked, counted);
        walked?;
        self.progress.files().walked();
        self.compare_space(bytes);
        let (walked, mut met) = self.walk()?;
        let (ahead, wanted) = mpsc::channel(FOLDERS_AHEAD);
        let acted = async {
            let mut way = Way::new(self.top());
            while let Some(met) = met.recv().await {
                self.act(met, &mut way, &told, &ahead).await;
            }
            self.want_empty(&mut way, &ahead).await;
            drop(ahead);
            Ok(())
        };
        tokio::try_join!(walked, acted, self.prepare_all(wanted)).map(drop)
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
    async fn count(&self, met: Met, folder: &mut Names, counted: &mut Counted) {
        match met {
            Met::Folder { names, .. } => *folder = names,
            Met::File { local, .. } => {
                counted.bytes += local.length;
                if self.is_own(folder) {
                    self.progress.know_file(local.length);
                }
            }
            Met::Odd { path, names, name, length, odd } if self.is_own(&names) => {
                self.progress.know_file(length);
                if matches!(odd, Odd::Name(_)) {
                    counted.told.insert(path.clone());
                    self.tell_odd(&path, &names, &name, length, odd).await;
                }
            }
            Met::Filtered if self.is_own(folder) => self.tally().filtered += 1,
            Met::Odd { .. } | Met::Filtered => {}
        }
    }

    /// The second walk: what is to be sent is handed on, with its folder.
    async fn act(&self, met: Met, way: &mut Way, told: &HashSet<PathBuf>, ahead: &mpsc::Sender<Wanted>) {
        match met {
            Met::Folder { names, .. } if names.is_empty() => {}
            Met::Folder { path, names } => {
                self.want_empty(way, ahead).await;
                let is_own = self.is_own(&names);
                way.enter(path, names, is_own);
            }
            Met::File { path, name, local } => {
                let folder = Arc::clone(&way.last);
                if !folder.is_own {
                    return;
                }
                if !std::mem::replace(&mut way.has_files, true) {
                    self.want(ahead, Wanted { folder: Arc::clone(&folder), without_files: None }).await;
                }
                self.board.add(local.length, Job { path, folder, name, local, is_seen_again: false }).await;
            }
            Met::Odd { path, names, name, length, odd } => {
                if self.is_own(&names) && !told.contains(&path) {
                    self.tell_odd(&path, &names, &name, length, odd).await;
                }
            }
            Met::Filtered => {}
        }
    }

    /// Enters folders beside the files, for who sends those would wait.
    async fn prepare_all(&self, mut wanted: mpsc::Receiver<Wanted>) -> Result<(), Error> {
        let (mut running, mut is_over) = (FuturesUnordered::new(), false);
        let most = (self.request.at_once() / 2).clamp(1, FOLDERS_AT_ONCE);
        loop {
            tokio::select! {
                next = wanted.recv(), if !is_over && running.len() < most => match next {
                    Some(wanted) => running.push(self.prepare(wanted)),
                    None => is_over = true,
                },
                Some(prepared) = running.next(), if !running.is_empty() => prepared?,
                else => return Ok(()),
            }
        }
    }

    /// Has a folder entered soon. Nobody listens any more where the run ends early.
    async fn want(&self, ahead: &mpsc::Sender<Wanted>, wanted: Wanted) {
        let _ = ahead.send(wanted).await;
    }

    /// The same for the last folder, where no file of it has come: an empty folder is one too, unless certain files are wanted.
    async fn want_empty(&self, way: &mut Way, ahead: &mpsc::Sender<Wanted>) {
        let is_wanted = way.last.is_own && !way.has_files && self.request.include.is_empty();
        let path = way.path.take().filter(|_| is_wanted);
        if path.is_some() {
            self.want(ahead, Wanted { folder: Arc::clone(&way.last), without_files: path }).await;
        }
    }

    /// The destination itself, above every folder.
    fn top(&self) -> Folder {
        let id = self.root.folder.as_deref().map(Arc::from);
        Folder::top(id, self.is_own(&[]), self.root.is_new)
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

/// What the first walk has found.
#[derive(Default)]
struct Counted {
    /// What has its row already.
    told: HashSet<PathBuf>,
    /// Bytes of the files that can be sent, those of other shards too: they all go to one drive.
    bytes: u64,
}

/// The way to the folder whose files come.
struct Way {
    folders: Vec<Arc<Folder>>,
    last: Arc<WithFiles>,
    /// Where it is here; none of the destination itself.
    path: Option<PathBuf>,
    /// Whether a file of it has come.
    has_files: bool,
}

impl Way {
    fn new(top: Folder) -> Way {
        let top = Arc::new(top);
        Way { folders: vec![Arc::clone(&top)], last: Arc::new(WithFiles(top)), path: None, has_files: false }
    }

    /// Goes on to a folder in one of these.
    fn enter(&mut self, path: PathBuf, names: Names, is_own: bool) {
        self.folders.truncate(names.len());
        let folder = Arc::new(Folder::below(self.folders.last().cloned(), names, is_own));
        self.folders.push(Arc::clone(&folder));
        (self.last, self.path, self.has_files) = (Arc::new(WithFiles(folder)), Some(path), false);
    }
}

/// Whether a failure is that of the whole.
pub(super) fn ends_all(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Cancelled | Kind::Unauthenticated | Kind::QuotaExceeded | Kind::OutOfResources
    )
}
