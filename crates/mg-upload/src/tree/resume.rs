//! A job that is on record: gone on with, or given up.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::keep::small;
use super::remote::Remote;
use super::request::TreeRequest;
use super::rows::Rows;
use super::run::Sent;
use crate::client::Client;
use crate::error::{Error, Failure};
use crate::journal::Job;
use crate::net::Transport;
use crate::progress::{Phase, Progress};
use crate::threads;

impl<T: Transport> Client<T> {
    /// Goes on with a tree that the journal has on record, as [`Client::send_tree`] would with the same request. Nothing is
    /// made or sent where the words that name the destination lead to another drive by now: another account has signed in.
    pub async fn resume_tree(
        &self,
        id: &str,
        progress: &Arc<Progress>,
        rows: &Rows,
        cancel: &CancellationToken,
    ) -> Result<Sent, Failure> {
        let job = self.tree_job(id).await?;
        let request = TreeRequest::from_json(&job.request.to_string())?;
        progress.enter(Phase::Asking);
        let check = async {
            check_sources(&request).await?;
            self.check_destination(&job, &request, progress).await
        };
        let checked = cancel.run_until_cancelled(check).await.unwrap_or(Err(Error::Cancelled));
        checked.map_err(|error| Failure { error, open: Some(job.id.clone()) })?;
        let sent = self.send_tree(&request, progress, rows, cancel).await?;
        // Where its folder was deleted and made anew meanwhile, it went on as another job, and this one is still on record.
        match self.forget_tree(id, progress).await {
            Ok(_) | Err(Error::UnknownId(_)) => {}
            Err(error) => warn!(%error, "a tree that has arrived is still on record"),
        }
        Ok(sent)
    }

    /// Gives a tree up: sessions that it has left, which only its record knows, are ended, for they would hold their files'
    /// names, and it is no more on record. What has arrived stays. How many sessions there were.
    pub async fn forget_tree(&self, id: &str, progress: &Progress) -> Result<usize, Error> {
        let owned = id.to_owned();
        let notes = self.in_journal(move |journal| journal.take_tree(&owned)).await?;
        for (at, url) in &notes.open {
            self.delete_session(&small(url), progress).await?;
            notes.closed(at);
        }
        let ended = notes.open.len();
        threads::in_journal(move || notes.keep().and_then(|()| notes.done())).await??;
        Ok(ended)
    }

    async fn tree_job(&self, id: &str) -> Result<Job, Error> {
        let id = id.to_owned();
        self.in_journal(move |journal| journal.tree_job(&id)).await
    }

    async fn check_destination(
        &self,
        job: &Job,
        request: &TreeRequest,
        progress: &Arc<Progress>,
    ) -> Result<(), Error> {
        if job.endpoint != self.endpoint() {
            return Err(self.foreign("tree", &job.endpoint));
        }
        let remote = Remote { client: self, progress: progress.part() };
        let now = remote.resolve(&request.destination, true).await?.drive;
        let then = job.destination["driveId"].as_str().unwrap_or_default();
        if now == then {
            return Ok(());
        }
        Err(Error::InvalidInput(format!(
            "this tree goes to the drive {then}, and what named it leads to the drive {now} by now; sign in with the account that began it"
        )))
    }
}

/// A disk that is not plugged in is no reason to call a tree done: where nothing is left of all sources, it waits for them.
async fn check_sources(request: &TreeRequest) -> Result<(), Error> {
    let sources = request.sources.clone();
    let is_there = move || sources.iter().any(|source| source.path.symlink_metadata().is_ok());
    if threads::apart(&threads::FILES, is_there).await? {
        return Ok(());
    }
    let path = request.sources[0].path.clone();
    Err(Error::SourceMissing { path, why: "nothing is there, nor at any other source of this tree".into() })
}
