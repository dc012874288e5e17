//! Creating, asking and cancelling sessions.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::warn;

use crate::address::same_host;
use crate::client::{Call, Client, Content};
use crate::error::graph_error::{GraphError, member};
use crate::error::{Error, Failure, Refusal, Trail};
use crate::family::Family;
use crate::journal::{Claim, Entry, Journal, Record, TreeEntry};
use crate::net::{Method, Transport};
use crate::progress::{Phase, Progress};
use crate::protocol::create::{Described, describe, destination_of};
use crate::protocol::session::{CreateRequest, Session};
use crate::protocol::verdict::{Purpose, is_gone};
use crate::response::Response;
use crate::secret::redacted;
use crate::threads;

/// An answer to a request, with how hard it was tried.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// The session's back end.
    pub family: Family,
    /// How hard it was tried.
    pub trail: Trail,
}

/// A session as callers name it.
#[derive(Debug, Clone)]
pub enum Named {
    /// By what the service said of it.
    Session(Box<Session>),
    /// By the id of its record.
    OnRecord(String),
}

/// A session that was created.
#[derive(Debug, Clone)]
pub struct Created {
    /// The service's answer.
    pub answered: Answered,
    /// What makes the very session again: the request as it was understood.
    pub origin: CreateRequest,
}

/// Reads the answer to a create request: a JSON object, whatever its content type; anything else is an error.
pub fn read_created(response: Response, family: Family, trail: Trail) -> Result<Answered, Error> {
    read_object(response, family, trail).map(|(answered, _)| answered)
}

fn read_object(
    response: Response,
    family: Family,
    trail: Trail,
) -> Result<(Answered, Map<String, Value>), Error> {
    if let Some(object) = response.object() {
        return Ok((Answered { response, family, trail }, object));
    }
    let what = if response.body.is_empty() {
        "an empty body instead of a session"
    } else {
        "something that is no session"
    };
    Err(Error::UnexpectedAnswer { what, response: Box::new(response), trail })
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

    /// Fails for a session at another Graph than this client's where that takes a token: it would be sent none.
    pub(crate) fn check_reach(&self, session: &Session) -> Result<(), Error> {
        let url = session.upload_url.expose();
        if !session.family.profile().needs_token || same_host(url, self.endpoint()) {
            return Ok(());
        }
        Err(Error::InvalidInput(format!(
            "this session is at {}, and this connection is to {}: its token is not for there; connect to the session's own cloud",
            redacted(url).trim_end_matches("/…"),
            self.endpoint()
        )))
    }

    /// Creates a session. The answer is kept as it came: its object is the caller's to read. Where the name is taken by an
    /// upload that is open here, the failure tells its id.
    pub async fn create_session(
        &self,
        described: &Described,
        progress: &Progress,
    ) -> Result<Created, Failure> {
        match self.make_session(described, progress, true).await {
            Ok(created) => Ok(created),
            Err(error) => Err(self.not_created(&described.request, error).await),
        }
    }

    async fn not_created(&self, request: &CreateRequest, error: Error) -> Failure {
        let is_taken = error.refusal().is_some_and(|refusal| refusal.response.status == 409);
        let open = if is_taken { self.open_at(request).await } else { None };
        Failure { error, open }
    }

    /// `on_record`: it may be put on record. What the journal has noted of the URL of any other is of no interest.
    pub(crate) async fn make_session(
        &self,
        described: &Described,
        progress: &Progress,
        on_record: bool,
    ) -> Result<Created, Error> {
        progress.enter(Phase::Asking);
        match self.create(described, progress, on_record).await {
            Ok(answered) => Ok(Created { answered, origin: described.request.clone() }),
            Err(refused) => match self.file_by_id(described, &refused, progress).await? {
                Some(meant) => {
                    let meant = describe(meant, self.endpoint())?;
                    let answered = self.create(&meant, progress, on_record).await?;
                    Ok(Created { answered, origin: meant.request })
                }
                None => Err(refused),
            },
        }
    }

    async fn create(
        &self,
        described: &Described,
        progress: &Progress,
        on_record: bool,
    ) -> Result<Answered, Error> {
        let call = Call {
            method: Method::Post,
            purpose: Purpose::Create,
            url: &format!("{}{}", self.endpoint(), described.path),
            headers: &described.headers,
            body: Content::Bytes(described.body.clone()),
            with_token: !described.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")),
        };
        let (response, trail) = self.call(call, progress).await?;
        self.created(response, described.route.family, trail, on_record).await
    }

    /// The upload that is open here and goes to the place which a request names.
    async fn open_at(&self, request: &CreateRequest) -> Option<String> {
        let wanted = destination_of(request)?;
        let entries = self.open_uploads().await.unwrap_or_default();
        entries.into_iter().find_map(|entry| match entry {
            Entry::Open { record, .. } if record.belongs_to(self.endpoint()) => {
                (destination_of(record.origin.as_ref()?)? == wanted).then_some(record.id)
            }
            _ => None,
        })
    }

    /// A session that the service has handed out is new, whatever an earlier one at its URL has come to.
    async fn created(
        &self,
        response: Response,
        family: Family,
        trail: Trail,
        on_record: bool,
    ) -> Result<Answered, Error> {
        let (created, object) = read_object(response, family, trail)?;
        let url = member(&object, "uploadUrl").and_then(Value::as_str).map(str::to_owned);
        url.iter().for_each(|url| self.finished.forget(url));
        if let (true, Some(journal), Some(url)) = (on_record, self.journal().cloned(), url)
            && let Err(error) = threads::in_journal(move || journal.reopen(&url)).await
        {
            warn!(%error, "what an earlier session at this URL has come to is still noted");
        }
        Ok(created)
    }

    /// Reads an answer that the caller has received by itself, exactly as [`Client::create_session`] would have, but that
    /// an id is no folder's is not looked into: what the caller sent may be another request.
    pub async fn read_foreign(&self, request: CreateRequest, response: Response) -> Result<Created, Failure> {
        let described = describe(request, self.endpoint())?;
        let trail = Trail {
            method: Method::Post.name(),
            target: redacted(self.endpoint()),
            with_token: true,
            attempts: 1,
            elapsed: Duration::ZERO,
        };
        if response.is_success() {
            let answered = self.created(response, described.route.family, trail, true).await?;
            return Ok(Created { answered, origin: described.request });
        }
        let (graph, retry_after) = (GraphError::parse(&response.body), self.retry_after(&response));
        let refused = Error::Refused(Box::new(Refusal { response, graph, trail, retry_after }));
        Err(self.not_created(&described.request, refused).await)
    }

    /// Asks the service for a session's state.
    pub async fn query_session(&self, session: &Session, progress: &Progress) -> Result<Answered, Error> {
        self.check_reach(session)?;
        progress.enter(Phase::Asking);
        let (response, trail) =
            self.call(self.session_call(Method::Get, session), progress).await.map_err(lost)?;
        read_created(response, session.family, trail)
    }

    /// Cancels a session and forgets its record. `false`: it was gone already. One that another process feeds is left
    /// alone.
    pub async fn cancel_session(&self, session: &Session, progress: &Progress) -> Result<bool, Error> {
        self.check_reach(session)?;
        let claim = self.claim(session).await?;
        let was_open = self.delete_session(session, progress).await?;
        self.forget(claim).await;
        Ok(was_open)
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

    pub(crate) async fn delete_session(&self, session: &Session, progress: &Progress) -> Result<bool, Error> {
        progress.enter(Phase::Asking);
        match self.call(self.session_call(Method::Delete, session), progress).await.map_err(lost) {
            Ok(_) => Ok(true),
            Err(Error::SessionLost { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn session_call<'a>(&self, method: Method, session: &'a Session) -> Call<'a> {
        let with_token = session.family.profile().needs_token;
        let purpose = if method == Method::Delete { Purpose::Delete } else { Purpose::Ask };
        Call { with_token, ..Call::bare(method, session.upload_url.expose(), purpose) }
    }
}

/// The failure of a request to an upload URL; where its answer means that the session is gone, that.
pub(crate) fn lost(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if is_gone(refusal.response.status, &refusal.graph) => session_lost(refusal),
        other => other,
    }
}

/// The session is gone by this answer.
pub(crate) fn session_lost(refusal: Box<Refusal>) -> Error {
    Error::SessionLost {
        why: "the session is gone: finished, cancelled or expired".into(),
        refusal: Some(refusal),
    }
}
