//! What the journal has on record, and the right to act on it.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use tracing::warn;

use crate::client::Client;
use crate::error::Error;
use crate::journal::{Claim, Entry, Journal, Record, TreeEntry};
use crate::net::Transport;
use crate::protocol::session::{CreateRequest, Session};
use crate::threads;

/// A session as callers name it.
#[derive(Debug, Clone)]
pub enum Named {
    /// By what the service said of it.
    Session(Box<Session>),
    /// By the id of its record.
    OnRecord(String),
}

impl Named {
    /// Reads a session in any form that callers hand over: a session object, the outcome of creating one, or an object with
    /// `journalId`, the id of an upload that the journal has on record.
    pub fn from_json(json: &str) -> Result<Named, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct OnRecord {
            journal_id: String,
        }
        match serde_json::from_str(json) {
            Ok(OnRecord { journal_id }) => Ok(Named::OnRecord(journal_id)),
            Err(_) => Session::from_json(json).map(|session| Named::Session(Box::new(session))),
        }
    }
}

impl<T: Transport> Client<T> {
    /// The session that a caller has named. Of one that another Graph has made, only the upload URL is of use here.
    pub async fn open(&self, named: Named) -> Result<Session, Error> {
        let record = match named {
            Named::Session(session) => return Ok(*session),
            Named::OnRecord(id) => self.on_record(id).await?,
        };
        let foreign = !record.belongs_to(self.endpoint());
        let mut session = Session::from(record);
        if foreign {
            session.origin = None;
        }
        Ok(session)
    }

    /// The record of an open upload that this client may go on with.
    pub(crate) async fn record(&self, id: &str) -> Result<Record, Error> {
        let record = self.on_record(id.to_owned()).await?;
        // Without a token nothing but the upload URL itself is asked, which is enough for most families.
        let bare = !self.has_token() && !record.family.profile().needs_token;
        match &record.endpoint {
            Some(owner) if !bare && !record.belongs_to(self.endpoint()) => Err(self.foreign("upload", owner)),
            _ => Ok(record),
        }
    }

    /// Something on record is another Graph's.
    pub(crate) fn foreign(&self, what: &str, owner: &str) -> Error {
        Error::InvalidInput(format!(
            "this {what} belongs to {owner}, and this connection is to {}; connect there first",
            self.endpoint()
        ))
    }

    async fn on_record(&self, id: String) -> Result<Record, Error> {
        self.in_journal(move |journal| journal.find(&id)).await
    }

    /// Work on the journal, where the client keeps one.
    pub(crate) async fn in_journal<R: Send + 'static>(
        &self,
        work: impl FnOnce(Journal) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        let journal = self.journal().cloned();
        let journal = journal.ok_or_else(|| Error::Journal { why: "this client keeps no journal".into() })?;
        threads::in_journal(move || work(journal)).await?
    }

    /// Everything that the journal has on record.
    pub async fn open_uploads(&self) -> Result<Vec<Entry>, Error> {
        let Some(journal) = self.journal().cloned() else { return Ok(Vec::new()) };
        threads::in_journal(move || journal.entries()).await?
    }

    /// The open uploads among it that this client has to do with.
    pub(crate) async fn own_uploads(&self) -> Result<Vec<Record>, Error> {
        let own = self.open_uploads().await?.into_iter().filter_map(|entry| match entry {
            Entry::Open { record, .. } => Some(*record),
            Entry::Unreadable { .. } => None,
        });
        Ok(own.filter(|record| record.belongs_to(self.endpoint())).collect())
    }

    /// The upload on record of this very file, by the request that made its session.
    pub(crate) async fn begun(&self, request: &CreateRequest, path: &Path) -> Option<String> {
        let wanted = json!(request.for_the_record());
        let is_it = |record: &Record| {
            record.path == path && record.origin.as_ref().is_some_and(|origin| json!(origin) == wanted)
        };
        let own = self.own_uploads().await.unwrap_or_default();
        own.into_iter().find(is_it).map(|record| record.id)
    }

    /// The trees that the journal has on record.
    pub async fn open_trees(&self) -> Result<Vec<TreeEntry>, Error> {
        let Some(journal) = self.journal().cloned() else { return Ok(Vec::new()) };
        threads::in_journal(move || journal.tree_jobs()).await?
    }

    /// The Graph that a session belongs to: none, where it was handed over by its URL alone, or where there is no
    /// connection to any.
    pub(crate) fn owner_of(&self, session: &Session) -> Option<String> {
        let of_graph = session.origin.is_some() || session.family.profile().needs_token;
        (of_graph && self.has_token()).then(|| self.endpoint().to_owned())
    }

    /// The right to act on a session that nobody feeds. Where no journal can be kept there is nobody to ask.
    pub(crate) async fn claim(&self, session: &Session) -> Result<Option<Claim>, Error> {
        let Some(journal) = self.journal().cloned() else { return Ok(None) };
        let url = session.upload_url.clone();
        match threads::in_journal(move || journal.claim(url.expose())).await.flatten() {
            Ok(claim) => Ok(Some(claim)),
            Err(Error::InUse) => Err(Error::InUse),
            Err(error) => {
                warn!(%error, "the journal is out of reach");
                Ok(None)
            }
        }
    }

    /// Removes a record: the session's outcome is known, whatever becomes of the record.
    pub(crate) async fn forget(&self, claim: Option<Claim>) {
        let Some(claim) = claim else { return };
        if let Err(error) = threads::in_journal(move || claim.forget()).await {
            warn!(%error, "the record could not be removed");
        }
    }

    /// Removes a record: the file is in place.
    pub(crate) async fn finish(&self, claim: Option<Claim>) {
        let Some(claim) = claim else { return };
        if let Err(error) = threads::in_journal(move || claim.finish()).await {
            warn!(%error, "the record could not be removed");
        }
    }
}
