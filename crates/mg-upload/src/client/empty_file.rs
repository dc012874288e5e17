//! An empty file, which takes no session.

use bytes::Bytes;
use serde_json::Value;
use tracing::debug;

use crate::client::{Call, Client, Content};
use crate::error::graph_error::member;
use crate::error::{Error, Kind};
use crate::net::{Method, Transport};
use crate::progress::Progress;
use crate::protocol::create::{Described, describe};
use crate::protocol::meaning::{Meaning, read_put};
use crate::protocol::place::encode;
use crate::protocol::session::Session;
use crate::protocol::verdict::Purpose;
use crate::response::Response;

impl<T: Transport> Client<T> {
    /// Makes an empty file at the place that a session was created for, by the simple upload, and cancels the session.
    pub(crate) async fn put_empty_file(
        &self,
        session: &Session,
        progress: &Progress,
    ) -> Result<Response, Error> {
        let origin = session.origin.as_ref().ok_or(Error::NotCommitted)?;
        let Described { place, addressing, file, .. } = describe(origin.clone(), self.endpoint())?;
        let behavior = file.as_ref().and_then(|file| member(file, "@microsoft.graph.conflictBehavior"));
        let query = behavior
            .and_then(Value::as_str)
            .map(encode)
            .map_or_else(String::new, |behavior| format!("@microsoft.graph.conflictBehavior={behavior}"));
        let url = format!("{}{}", self.endpoint(), place.path(addressing, "/content", &query));
        let put = || Call {
            method: Method::Put,
            url: &url,
            headers: conditions(session),
            body: Content::Bytes(Bytes::new()),
            with_token: true,
            purpose: match behavior.and_then(Value::as_str) {
                None | Some("replace") => Purpose::Replace,
                // A second file of another name, or a conflict with the first one, would come of it.
                Some(_) => Purpose::Commit,
            },
        };
        let (response, trail) = match self.call(put(), progress).await {
            // The open session may hold the name.
            Err(error) if error.kind() == Kind::Conflict => {
                self.delete_session(session, progress).await?;
                self.call(put(), progress).await?
            }
            result => result?,
        };
        if !matches!(read_put(&response), Meaning::Finished { .. }) {
            // Whoever answered so, it was no drive.
            return Err(Error::UnexpectedAnswer { what: "no item", response: Box::new(response), trail });
        }
        if let Err(error) = self.delete_session(session, progress).await {
            debug!(%error, "the session of an empty file could not be cancelled");
        }
        Ok(response)
    }
}

/// The headers that the caller gave with the create request: conditions such as `If-Match` hold here too.
fn conditions(session: &Session) -> &[(String, String)] {
    session.origin.as_ref().map_or(&[], |origin| &origin.headers)
}
