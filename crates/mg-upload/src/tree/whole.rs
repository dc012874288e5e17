//! A file that is sent with one request: it carries no time.

use std::path::PathBuf;

use bytes::Bytes;
use quick_xor_hash::QuickXor;
use serde_json::{Map, Value};

use super::create::whole_seconds;
use super::found::changed;
use super::item::Item;
use super::plan::{Decision, Local};
use super::row::Row;
use super::run::{Job, Run};
use super::tally::Status;
use crate::error::Error;
use crate::error::graph_error::member;
use crate::net::Transport;
use crate::protocol::item::{Integrity, reported_hash, verdict};
use crate::protocol::place::encode;
use crate::protocol::verdict::Purpose;
use crate::shown::{visible, visible_lines};
use crate::source;
use crate::threads::{self, FILES};

impl<T: Transport> Run<'_, T> {
    /// Sends a file with one request, which carries no time: an empty one, for sessions carry none, and a small one whose
    /// time is waived.
    pub async fn put_whole(
        &self,
        job: &Job,
        folder: &str,
        decision: Decision,
        existing: Option<&Item>,
    ) -> Result<Row, Error> {
        let purpose = if decision == Decision::Replace { Purpose::Replace } else { Purpose::Commit };
        let bytes = read_whole(job.path.clone(), job.local).await?;
        let mut hash = QuickXor::default();
        hash.update(&bytes);
        let query = format!("@microsoft.graph.conflictBehavior={}", encode(decision.conflict_behavior()));
        let path = self.remote.path(&self.root.drive, folder, &[&job.name], "/content", &query);
        let mut headers = vec![("content-type".to_owned(), "application/octet-stream".to_owned())];
        headers.extend(self.if_match(decision, existing));
        let item = self.remote.put(&path, &headers, bytes, purpose).await?;
        let integrity = verdict(&item, &hash);
        if integrity == Integrity::Mismatch {
            let reported = reported_hash(&item).map_or_else(|| "of another size".to_owned(), visible);
            return Err(Error::IntegrityMismatch { item, sent: hash.base64(), reported });
        }
        self.sent(job);
        let row = Row { integrity: Some(integrity), ..self.row(job, Status::Uploaded).made(&item) };
        Ok(match self.set_time(job, &item).await {
            Ok(()) => row,
            Err(error) => {
                let why = format!("the file has the time of its upload: {error}");
                Row { warnings: vec![visible_lines(&why)], ..row }
            }
        })
    }

    /// Gives an empty file its time, where that is asked for in so many words: it takes a request of its own, and SharePoint
    /// counts another version, of no bytes.
    async fn set_time(&self, job: &Job, item: &Map<String, Value>) -> Result<(), Error> {
        let wanted = job.local.modified.filter(|_| self.request.preserve_time == Some(true));
        let (Some(time), Some(id)) = (wanted, member(item, "id").and_then(Value::as_str)) else {
            return Ok(());
        };
        self.remote.set_time(&self.root.drive, id, &whole_seconds(time)).await
    }
}

/// All bytes of a small file that is what it was when it was found.
async fn read_whole(path: PathBuf, found: Local) -> Result<Bytes, Error> {
    threads::apart(&FILES, move || {
        let bytes = std::fs::read(&path).map_err(|error| source::denied(&path, error))?;
        let now = Local::of(bytes.len() as u64, source::look(&path)?.modified().ok());
        if now == found { Ok(Bytes::from(bytes)) } else { Err(changed(&path)) }
    })
    .await?
}
