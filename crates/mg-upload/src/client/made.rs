//! A session that was just created, as what can be uploaded to.

use crate::client::{Answered, Created};
use crate::error::Error;
use crate::protocol::session::Session;

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
