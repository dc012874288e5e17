//! What an upload does when its session is gone: look at the destination, begin again.

use std::time::Duration;

use tracing::{info, warn};

use super::Outcome;
use super::standing::{End, Standing};
use super::step::Step;
use super::tries::Tries;
use super::upload::Upload;
use crate::client::find::{self, Found, Sought};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::progress::pause::Pause;
use crate::protocol::create::describe;
use crate::protocol::item::reported_hash;
use crate::protocol::session::Session;
use crate::response::Response;

/// How often, and after which pauses, a new session is asked for while the old one's stub still blocks the name.
const STUB_PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(30)];

impl<T: Transport> Upload<'_, T> {
    /// The session is gone: the file has arrived, or a new session is made, or that is the end.
    pub(super) async fn gone(&mut self, failure: Error) -> Result<Step, Error> {
        if self.standing.accepted || matches!(self.standing.end, End::Unclear | End::Premature) {
            match self.find_at_destination().await? {
                Found::Item(item) => {
                    info!("the last answer was lost: the file is at its destination");
                    if self.profile.has_hash && reported_hash(&item).is_none() {
                        self.warn("the last answer was lost, and a file of this size, written since, was taken for the upload");
                    }
                    self.progress.set_position(self.total(), self.total());
                    let outcome = Outcome { item: Some(item), committed: true, ..Outcome::default() };
                    return Ok(Step::Done(Box::new(outcome)));
                }
                // What the service has put in place of it is for people to look at.
                Found::Nothing if self.standing.end == End::Premature => return Ok(Step::Fail(failure)),
                Found::Nothing => {}
                // Beginning again might send a second copy: the record stays, and so does the choice.
                Found::Unknown(error) => {
                    warn!(%error, "whether the file has arrived cannot be told");
                    return Ok(Step::Fail(failure));
                }
            }
        }
        Ok(if self.can_recreate() { Step::Recreate } else { Step::Fail(failure) })
    }

    /// Looks for the file where it belongs. Where that is not known, nothing is found.
    pub(super) async fn find_at_destination(&self) -> Result<Found, Error> {
        let Some(origin) = self.standing.session.origin.as_ref().filter(|_| self.client.has_token()) else {
            return Ok(Found::Nothing);
        };
        let content = self.content().await?;
        let began = self.client.clock.of_service(self.standing.began);
        let all_sent = self.standing.end == End::Unclear;
        let sought = Sought { content: &content.quick_xor, began, all_sent };
        Ok(match describe(origin.clone(), self.client.endpoint()) {
            Ok(described) => find::find(self.client, &described, &sought, &self.progress).await,
            Err(error) => Found::Unknown(error),
        })
    }

    /// Makes an empty file, which takes no session.
    pub(super) async fn put_empty(&mut self) -> Result<Step, Error> {
        let response = self.client.put_empty_file(&self.standing.session, &self.progress).await?;
        let (item, Response { status, headers, .. }) = (response.object(), response);
        let outcome = Outcome { item, status: Some(status), headers, committed: true, ..Outcome::default() };
        Ok(Step::Done(Box::new(outcome)))
    }

    /// Makes a new session from what made the old one, and begins again at its URL and its position.
    pub(super) async fn recreate(&mut self) -> Result<Step, Error> {
        let Some(origin) = self.standing.session.origin.clone() else {
            return Err(Error::Unexpected("a session without an origin cannot be made again".into()));
        };
        let described = describe(origin, self.client.endpoint())?;
        self.warn("the session was gone: the upload began again with a new one");
        // One session an item: an old one that is still open would block the new one.
        let gone = self.client.delete_session(&self.standing.session, &self.progress).await;
        let mut pauses = STUB_PAUSES.into_iter();
        let created = loop {
            match self.client.make_session(&described, &self.progress, true).await {
                Ok(created) => break created,
                Err(error) if matches!(error.kind(), Kind::Conflict | Kind::ServerFault) => {
                    match pauses.next() {
                        Some(own) => {
                            let asked = error.refusal().and_then(|refusal| refusal.retry_after);
                            let pause = Pause::after(&error, asked.map_or(own, |asked| asked.max(own)));
                            self.pause(pause, Some(error)).await?;
                        }
                        None => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        };
        // Whatever its URL looks like, it is of the same kind.
        let session = Session { family: self.standing.session.family, ..created.session()? };
        self.standing = Standing::new(session, self.total(), self.client.clock.now());
        self.tries = Tries::new();
        self.recreated = true;
        // The old record stays until there is a new one, and where the old session may still be open, also after.
        let old_claim = self.claim.take_if(|claim| !claim.is_of(self.standing.url()));
        let old_id = self.on_record.clone();
        if let Err(error) = self.record().await {
            (self.claim, self.on_record) = (old_claim, old_id);
            return Err(error);
        }
        match (gone, old_claim) {
            (Ok(_), old) => self.client.forget(old).await,
            (Err(error), Some(_)) => {
                self.warn(&format!("the old session could not be cancelled, and stays on record: {error}"))
            }
            (Err(_), None) => {}
        }
        Ok(Step::Put)
    }
}
