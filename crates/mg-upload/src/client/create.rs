//! Creating sessions.

use std::time::Duration;

use serde_json::Value;
use tracing::warn;

use super::sessions::{Answered, read_object};
use crate::client::{Call, Client, Content};
use crate::error::graph_error::{GraphError, member};
use crate::error::{Error, Failure, Refusal, Trail};
use crate::family::Family;
use crate::net::{Method, Transport};
use crate::progress::{Phase, Progress};
use crate::protocol::create::{Described, describe, destination_of};
use crate::protocol::session::{CreateRequest, Session};
use crate::protocol::verdict::Purpose;
use crate::response::{Response, header_in};
use crate::secret::redacted;
use crate::threads;

/// A session that was created.
#[derive(Debug, Clone)]
pub struct Created {
    /// The service's answer.
    pub answered: Answered,
    /// What makes the very session again: the request as it was understood.
    pub origin: CreateRequest,
}

impl Created {
    /// The session, with what makes it again.
    pub(crate) fn session(self) -> Result<Session, Error> {
        let Answered { response, family, trail } = self.answered;
        let read = Session::from_json(&String::from_utf8_lossy(&response.body)).map_err(|_| {
            Error::UnexpectedAnswer {
                what: "no session that can be used",
                response: Box::new(response),
                trail,
            }
        })?;
        // It has just been made, and need not say so.
        let position = read.position.or(Some(0));
        Ok(Session { family, origin: Some(self.origin), position, ..read })
    }
}

impl<T: Transport> Client<T> {
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
            with_token: header_in(&described.headers, "authorization").is_none(),
        };
        let (response, trail) = self.call(call, progress).await?;
        self.created(response, described.route.family, trail, on_record).await
    }

    /// The upload that is open here and goes to the place which a request names.
    async fn open_at(&self, request: &CreateRequest) -> Option<String> {
        let wanted = destination_of(request)?;
        let own = self.own_uploads().await.unwrap_or_default();
        own.into_iter()
            .find(|record| record.origin.as_ref().and_then(destination_of).is_some_and(|at| at == wanted))
            .map(|record| record.id)
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
}
