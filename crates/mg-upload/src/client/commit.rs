//! Putting a complete upload in place: the commit that the caller has deferred, or that the service could not do.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::find::{self, Found, Sought};
use crate::client::lost;
use crate::client::{Call, Client, Content};
use crate::error::graph_error::member;
use crate::error::{Error, Failure, Kind};
use crate::family::Family;
use crate::journal::{Claim, Record};
use crate::net::{Method, Transport};
use crate::progress::{Phase, Progress};
use crate::protocol::create::{Described, describe};
use crate::protocol::meaning::{Meaning, read_put, read_state};
use crate::protocol::session::Session;
use crate::protocol::verdict::Purpose;
use crate::source::{FileSource, Opening};

/// What the service shall do when the name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConflictBehavior {
    /// Refuse.
    Fail,
    /// Take its place.
    Replace,
    /// Find another name.
    Rename,
}

impl<T: Transport> Client<T> {
    /// Commits a session that has all its bytes, and forgets its record. Without `conflict` the session's own POST is
    /// tried first (business drives); with it, or where that is refused, the item is made from the session's URL (the
    /// documented way after a failed commit, and the only one on personal drives), which takes the session's origin and
    /// a token. Returns the item.
    pub async fn commit_session(
        &self,
        session: &Session,
        conflict: Option<ConflictBehavior>,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Failure> {
        self.check_reach(session)?;
        let claim = self.claim(session).await?;
        let record = claim.as_ref().and_then(Claim::record);
        let item = match self.put_in_place(session, conflict, progress).await {
            Ok(item) => Ok(item),
            Err(error) => self.after_refused_commit(session, record, error, progress).await,
        };
        match item {
            Ok(item) => {
                self.finish(claim).await;
                Ok(item)
            }
            Err(error) => Err(Failure { error, open: record.map(|record| record.id.clone()) }),
        }
    }

    /// Why a commit was refused: bytes are missing, or it was done before.
    async fn after_refused_commit(
        &self,
        session: &Session,
        record: Option<&Record>,
        error: Error,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
        if may_be_done(&error)
            && let Some(record) = record.filter(|record| record.belongs_to(self.endpoint()))
            && let Some(item) = self.find_committed(record, progress).await?
        {
            return Ok(item);
        }
        if (error.refusal().is_some() || matches!(error, Error::InvalidInput(_)))
            && let Ok(Some(position)) = self.first_missing(session, progress).await
        {
            return Err(Error::Incomplete { position });
        }
        Err(error)
    }

    /// The first byte that the service says it lacks.
    async fn first_missing(&self, session: &Session, progress: &Progress) -> Result<Option<u64>, Error> {
        let answered = self.query_session(session, progress).await?;
        let state = answered.response.object().and_then(|object| read_state(&object));
        Ok(state.and_then(|state| state.missing.iter().map(|missing| missing.first).min()))
    }

    /// The item of a commit whose answer was lost, now or by an earlier try: the file on record, found at the destination.
    async fn find_committed(
        &self,
        record: &Record,
        progress: &Progress,
    ) -> Result<Option<Map<String, Value>>, Error> {
        let Some(origin) = record.origin.clone().filter(|_| self.has_token()) else { return Ok(None) };
        let Ok(described) = describe(origin, self.endpoint()) else { return Ok(None) };
        let opening = Opening { is_copy: record.is_copy, ..Opening::default() };
        let opened = FileSource::open(&record.path, opening, Arc::clone(&self.buffers)).await;
        let Ok((source, _released)) = opened else { return Ok(None) };
        if record.samples.difference(source.samples()).is_some() {
            return Ok(None);
        }
        source.hash_up_to(source.len()).await?;
        let began = record.created.parse().map_or(Timestamp::MIN, |began| self.clock.of_service(began));
        let content = source.hash().quick_xor;
        let sought = Sought { content: &content, began, all_sent: true };
        match find::find(self, &described, &sought, progress).await {
            Found::Item(item) => Ok(Some(item)),
            Found::Nothing | Found::Unknown(_) => Ok(None),
        }
    }

    pub(crate) async fn put_in_place(
        &self,
        session: &Session,
        conflict: Option<ConflictBehavior>,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
        if session.family != Family::Drive {
            return Err(Error::InvalidInput(format!(
                "{} takes no commit: the service puts the file in place with its last byte",
                session.family.profile().noun
            )));
        }
        progress.enter(Phase::Asking);
        let from_url = self.commit_from_url(session, conflict);
        if conflict.is_some() {
            return self.commit(from_url?, progress).await;
        }
        let posted =
            self.commit((Method::Post, session.upload_url.expose().to_owned(), Bytes::new()), progress).await;
        match (posted, from_url) {
            // A personal drive has no such request.
            (Err(error), Ok(put)) if matches!(error.kind(), Kind::InvalidInput | Kind::UnexpectedAnswer) => {
                self.commit(put, progress).await
            }
            (result, _) => result.map_err(lost),
        }
    }

    async fn commit(
        &self,
        (method, url, body): (Method, String, Bytes),
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        let to_graph = method == Method::Put;
        let headers = if to_graph { &json[..] } else { &[] };
        let call = Call {
            method,
            url: &url,
            headers,
            body: Content::Bytes(body),
            with_token: to_graph,
            purpose: Purpose::Commit,
        };
        let (response, trail) = self.call(call, progress).await?;
        match read_put(&response) {
            Meaning::Finished { item: Some(item), .. } => Ok(item),
            _ => Err(Error::UnexpectedAnswer { what: "no item", response: Box::new(response), trail }),
        }
    }

    /// The request that makes the item from the session's URL.
    fn commit_from_url(
        &self,
        session: &Session,
        conflict: Option<ConflictBehavior>,
    ) -> Result<(Method, String, Bytes), Error> {
        let origin = session.origin.as_ref().ok_or_else(|| {
            Error::InvalidInput(
                "this session does not say where its file belongs; use the outcome of creating it".into(),
            )
        })?;
        let Described { place, addressing, file, .. } = describe(origin.clone(), self.endpoint())?;
        let text = |name| file.as_ref().and_then(|file| member(file, name)).cloned();
        let name = text("name").or_else(|| place.name().map(Value::from));
        let behavior =
            conflict.map(|conflict| json!(conflict)).or_else(|| text("@microsoft.graph.conflictBehavior"));
        let mut body = Map::new();
        body.insert("@microsoft.graph.sourceUrl".into(), session.upload_url.expose().into());
        body.extend(behavior.map(|behavior| ("@microsoft.graph.conflictBehavior".to_owned(), behavior)));
        body.extend(name.map(|name| ("name".to_owned(), name)));
        let url = format!("{}{}", self.endpoint(), place.path(addressing, "", ""));
        Ok((Method::Put, url, Value::Object(body).to_string().into()))
    }
}

/// Whether a commit that ended so may have been carried out: no clear answer, or a session that is gone.
fn may_be_done(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Network | Kind::Timeout | Kind::ServerFault | Kind::SessionExpired | Kind::NotFound
    )
}
