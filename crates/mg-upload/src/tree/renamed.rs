//! A file whose name is taken, and that is given another one: the job's notes know it, or each run would send it again.

use super::item::Item;
use super::keep::made_at;
use super::plan::{Decision, decide};
use super::row::Row;
use super::run::{Job, Run};
use crate::error::Error;
use crate::net::Transport;

impl<T: Transport> Run<'_, T> {
    /// Sends a file. One that is to have another name is left, where it is there by the name that it was given before.
    pub async fn send(&self, job: &Job, decision: Decision, existing: Option<&Item>) -> Result<Row, Error> {
        if decision != Decision::Rename {
            return self.send_once(job, decision, existing).await;
        }
        if let Some(item) = self.unless_cancelled(self.renamed_before(job)).await? {
            let there = item.there(self.root.kind);
            let same = decide(job.local, Some(&there), None, None, self.wish);
            if matches!(same, Decision::Unchanged(_)) {
                self.abandon(job).await;
                return Ok(self.settled(job, Some(&item), same));
            }
        }
        let row = self.send_once(job, decision, existing).await?;
        if let Some(folder) = job.folder.id() {
            let (at, name) = (made_at(folder, &job.name), row.name.clone());
            self.note(move |notes| notes.renamed(&at, &name)).await;
        }
        Ok(row)
    }

    async fn renamed_before(&self, job: &Job) -> Result<Option<Item>, Error> {
        let noted = self.notes.as_ref().zip(job.folder.id());
        match noted.and_then(|(notes, folder)| notes.renamed.get(&made_at(folder, &job.name))) {
            Some(name) => Ok(self.existing(&job.folder, name).await?.ok().flatten()),
            None => Ok(None),
        }
    }
}
