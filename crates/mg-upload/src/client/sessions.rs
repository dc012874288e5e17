//! Asking and cancelling sessions.

use serde_json::{Map, Value};

use crate::address::same_host;
use crate::client::{Call, Client};
use crate::error::{Error, Refusal, Trail};
use crate::family::Family;
use crate::net::{Method, Transport};
use crate::progress::{Phase, Progress};
use crate::protocol::session::Session;
use crate::protocol::verdict::{Purpose, is_gone};
use crate::response::Response;
use crate::secret::redacted;

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

/// Reads the answer to a create request: a JSON object, whatever its content type; anything else is an error.
pub fn read_created(response: Response, family: Family, trail: Trail) -> Result<Answered, Error> {
    read_object(response, family, trail).map(|(answered, _)| answered)
}

pub(super) fn read_object(
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

impl<T: Transport> Client<T> {
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
