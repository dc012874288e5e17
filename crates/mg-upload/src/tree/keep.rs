//! What is kept of a run: uploads that were begun, and what the service has made of files.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::listing::Listing;
use super::plan::{Before, Decision, Local};
use super::run::{Job, Open, Run};
use crate::client::{Created, Named};
use crate::error::Error;
use crate::family::Family;
use crate::journal::{Made, Notes, Standing};
use crate::locked::locked;
use crate::net::Transport;
use crate::protocol::create::destination_of;
use crate::protocol::item::is_rewritten_kind;
use crate::protocol::session::{CreateRequest, Session};
use crate::secret::Secret;
use crate::threads;

/// How often it is noted how far a run has come: so much of it a kill makes untrue.
const NOTE_INTERVAL: Duration = Duration::from_secs(1);

/// So long a stop waits for the answer to a request that makes a session.
const ANSWER_LIMIT: Duration = Duration::from_millis(1500);

impl<T: Transport> Run<'_, T> {
    pub fn open(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        locked(&self.open)
    }

    /// Where a file goes, as records name it.
    fn key(&self, job: &Job) -> Option<String> {
        let request = self.create_request(job, job.folder.id()?, Decision::Send, None).ok()?;
        destination_of(&request)
    }

    pub fn take_open(&self, request: &CreateRequest) -> Option<Open> {
        if self.open().is_empty() {
            return None;
        }
        self.open().remove(&destination_of(request)?)
    }

    /// A session that is being made. A stop waits for it a little and notes it: it holds the file's name, and its URL is nowhere else.
    pub async fn created(
        &self,
        request: &CreateRequest,
        created: impl Future<Output = Result<Created, Error>>,
    ) -> Result<Session, Error> {
        let mut created = pin!(created);
        if let Some(made) = self.cancel.run_until_cancelled(created.as_mut()).await {
            return made?.session();
        }
        if let Ok(Ok(made)) = timeout(ANSWER_LIMIT, created).await
            && let (Ok(session), Some(at)) = (made.session(), destination_of(request))
        {
            match self.notes {
                Some(_) => self.note(move |notes| notes.opened(&at, &session.upload_url)).await,
                None => drop(timeout(ANSWER_LIMIT, self.forget(&Open::Small(session.upload_url))).await),
            }
        }
        Err(Error::Cancelled)
    }

    /// Ends a session that nobody goes on with: it would hold the name.
    pub async fn forget(&self, open: &Open) -> Result<(), Error> {
        match open {
            Open::Small(url) => {
                self.client.delete_session(&small(url), &self.remote.progress).await.map(drop)
            }
            Open::OnRecord { id, .. } => match self.client.open(Named::OnRecord(id.clone())).await {
                Ok(session) => self.client.cancel_session(&session, &self.remote.progress).await.map(drop),
                // It has come to its end by itself.
                Err(Error::UnknownId(_)) => Ok(()),
                Err(error) => Err(error),
            },
        }
    }

    /// Ends what an earlier run has left open for a file that is there.
    pub async fn abandon(&self, job: &Job) {
        self.abandon_if(job, |_| true).await;
    }

    /// Ends the session of a file that has failed, unless a later run can go on with it: it would hold the file's name.
    pub async fn abandon_small(&self, job: &Job) {
        self.abandon_if(job, |open| matches!(open, Open::Small(_))).await;
    }

    async fn abandon_if(&self, job: &Job, meant: impl Fn(&Open) -> bool) {
        if self.open().is_empty() {
            return;
        }
        let Some(key) = self.key(job) else { return };
        let open = match self.open().entry(key.clone()) {
            Entry::Occupied(entry) if meant(entry.get()) => entry.remove(),
            _ => return,
        };
        // What is not ended now, the job's notes still know.
        match self.cancel.run_until_cancelled(self.forget(&open)).await {
            Some(Ok(())) => self.closed(&key),
            Some(Err(error)) => warn!(%error, "the session of a file that is not sent stays open"),
            None => {}
        }
    }

    /// Writes to the job's record, where there is one. That it takes no note costs a kill a file's second upload.
    pub async fn note(&self, write: impl FnOnce(&Notes) -> Result<(), Error> + Send + 'static) {
        let Some(notes) = self.notes.clone() else { return };
        if let Err(error) = threads::in_journal(move || write(&notes)).await.flatten() {
            warn!(%error, "the job's record lacks a note");
        }
    }

    /// Notes that a session has come to its end.
    pub fn closed(&self, at: &str) {
        self.notes.iter().for_each(|notes| notes.closed(at));
    }

    /// Notes now and then how far the run has come, and once more when it is over: for who looks what is open.
    pub async fn note_standing(&self, over: &CancellationToken) {
        let mut noted = Standing::default();
        loop {
            let is_over = over.run_until_cancelled(tokio::time::sleep(NOTE_INTERVAL)).await.is_none();
            let standing = self.standing();
            if standing != noted {
                self.note(move |notes| notes.stands(&standing)).await;
                noted = standing;
            }
            if is_over {
                return;
            }
        }
    }

    fn standing(&self) -> Standing {
        let (all, files) = (self.progress.snapshot(), self.progress.files().snapshot());
        Standing {
            done: files.done,
            known: files.known,
            walked: files.walked,
            bytes_done: all.done,
            bytes_total: all.total,
        }
    }

    /// What was noted of a file when it was sent before.
    pub fn before(&self, job: &Job) -> Option<Before> {
        let made = self.notes.as_ref()?.made.get(&made_at(job.folder.id()?, &job.name))?;
        let Made { length, modified, c_tag } = made.clone();
        Some(Before { local: Local { length, modified }, c_tag })
    }

    /// Remembers a file that the service may write into once it has it.
    pub fn sent(&self, job: &Job) {
        if let Some(folder) = job.folder.id().filter(|_| self.notes.is_some() && is_rewritten_kind(&job.name))
        {
            let mut all = locked(&self.rewritten);
            all.entry(Arc::clone(folder)).or_default().push((job.name.clone(), job.local));
        }
    }

    /// The end of a run: what the service has made of files by now is noted, and the job is done: what failed has been told.
    pub async fn end(&self) {
        self.note(Notes::keep).await;
        if self.stop.is_cancelled() || self.notes.is_none() {
            return;
        }
        let all = std::mem::take(&mut *locked(&self.rewritten));
        for (folder, files) in all {
            let listing = Listing::of(&self.remote, &self.root.drive, &folder);
            match self.cancel.run_until_cancelled(listing).await {
                None => return,
                Some(Err(error)) => {
                    warn!(%error, "what the service has made of a folder's files is not known")
                }
                Some(Ok(listing)) => self.note_made(&folder, files, &listing).await,
            }
        }
        self.note(Notes::done).await;
    }

    async fn note_made(&self, folder: &str, files: Vec<(String, Local)>, listing: &Listing) {
        let made = files.into_iter().filter_map(|(name, Local { length, modified })| {
            let c_tag = listing.find(&name)??.there(self.root.kind).c_tag?;
            Some((made_at(folder, &name), Made { length, modified, c_tag }))
        });
        let made: Vec<_> = made.collect();
        self.note(move |notes| made.into_iter().try_for_each(|(at, made)| notes.made(&at, made))).await;
    }
}

pub(super) fn made_at(folder: &str, name: &str) -> String {
    format!("{folder}:/{}", super::fold::key(name))
}

/// A session of which nothing is known but its URL.
pub(super) fn small(url: &Secret) -> Session {
    Session { upload_url: url.clone(), family: Family::Drive, expires: None, position: None, origin: None }
}
