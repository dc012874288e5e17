//! What an upload does when a fragment has failed: ask for the position, look at the destination, begin again.

use std::time::Duration;

use tracing::{info, warn};

use super::Outcome;
use super::destination::{self, Found, Sought};
use super::step::Step;
use super::upload::Upload;
use super::verify::reported_hash;
use crate::answer::{Answer, read_state};
use crate::backoff::pause;
use crate::error::{Error, Kind, Refusal};
use crate::graph_error::GraphError;
use crate::journal::Claim;
use crate::progress::Phase;
use crate::range::{self, Missing, to_the_end};
use crate::secret::Secret;
use crate::session::Session;
use crate::sessions::lost;
use crate::transport::{Body, Method, Request, Transport, TransportError};

/// How often, and after which pauses, a new session is asked for while the old one's stub still blocks the name.
const STUB_PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(30)];

/// What asking for the position has brought.
enum Told {
    Missing(Vec<Missing>),
    /// A success without a range list: go on by our own count.
    Nothing,
    Gone(Error),
    /// Ask again after a pause; it may count as a failed attempt.
    Later {
        after: Duration,
        counts: bool,
        why: Error,
    },
    Refused(Error),
}

impl<T: Transport> Upload<'_, T> {
    /// Asks the service for its position until it tells. `failure` is what led here; without one, an earlier upload has
    /// fed the session.
    pub(super) async fn ask(
        &mut self,
        after: Duration,
        renew: bool,
        failure: Option<Error>,
    ) -> Result<Step, Error> {
        if renew {
            self.client.renew();
        }
        let looking = failure.is_none();
        let (mut after, mut failure) = (after, failure);
        loop {
            failure = self.pause(after, failure).await?;
            self.mind_gate()?;
            self.progress.enter(Phase::Asking);
            match self.ask_once().await? {
                Told::Missing(missing) => {
                    self.accepted |= range::position(&missing, self.total()) > 0;
                    if looking {
                        // Whatever this upload believed, an earlier one has moved it.
                        self.missing = to_the_end(0, self.total());
                    }
                    self.take_over(&missing)?;
                    return Ok(Step::Put);
                }
                Told::Nothing => return Ok(Step::Put),
                Told::Gone(lost) => {
                    // Nobody knows how far the earlier upload had come.
                    self.accepted |= looking;
                    self.end_unclear |= looking && self.end_begun;
                    return Ok(Step::Gone(lost));
                }
                Told::Refused(refusal) => return Err(refusal),
                Told::Later { after: pause, counts, why } => {
                    if counts {
                        self.attempt += 1
                    } else {
                        self.throttles += 1
                    }
                    let first = failure.unwrap_or(why);
                    if self.attempt >= self.options.max_attempts {
                        return Err(first);
                    }
                    (after, failure) = (pause, Some(first));
                }
            }
        }
    }

    async fn ask_once(&self) -> Result<Told, Error> {
        let url = self.session.upload_url.expose();
        let request = Request {
            method: Method::Get,
            url: Secret::new(url),
            headers: self.client.headers(url, self.profile.needs_token)?,
            body: Body::None,
        };
        Ok(match self.client.send(request, &self.progress, false).await {
            Ok(answer) if answer.is_success() => {
                let state = answer.object().and_then(|object| read_state(&object));
                state.map_or(Told::Nothing, |state| Told::Missing(state.missing))
            }
            Ok(answer) => self.read_refusal(answer),
            Err(TransportError { fault, source }) if fault.is_final() => {
                Told::Refused(Error::Unreachable { trail: self.trail(Method::Get), fault, source })
            }
            Err(TransportError { fault, source }) => Told::Later {
                after: pause(None, self.attempt, self.client.random()),
                counts: true,
                why: Error::Unreachable { trail: self.trail(Method::Get), fault, source },
            },
        })
    }

    fn read_refusal(&self, answer: Answer) -> Told {
        let retry_after = self.client.retry_after(&answer);
        let graph = GraphError::parse(&answer.body);
        let status = answer.status;
        let gone = matches!(status, 404 | 410)
            || status == 403 && self.is_old()
            || graph.has_code("expiredToken")
            || status == 400 && graph.says("upload session not found");
        let tried = self.attempt.max(self.throttles + 1);
        let after = pause(retry_after, tried, self.client.random());
        let refusal =
            Error::Refused(Box::new(Refusal { answer, graph, trail: self.trail(Method::Get), retry_after }));
        match status {
            _ if gone => Told::Gone(lost(refusal)),
            429 => {
                self.client.gate.close(self.session.upload_url.expose(), after);
                Told::Later { after, counts: false, why: refusal }
            }
            408 | 423 | 500..=599 => Told::Later { after, counts: true, why: refusal },
            _ => Told::Refused(refusal),
        }
    }

    /// The session is gone: the file has arrived, or a new session is made, or that is the end.
    pub(super) async fn gone(&mut self, failure: Error) -> Result<Step, Error> {
        if self.accepted || self.end_unclear {
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
        let Some(origin) = self.session.origin.as_ref().filter(|_| self.client.has_token()) else {
            return Ok(Found::Nothing);
        };
        let content = self.content().await?;
        let began = self.client.clock.of_service(self.began);
        let sought = Sought { content: &content.quick_xor, began, all_sent: self.end_unclear };
        Ok(destination::find(self.client, origin, &sought, &self.progress).await)
    }

    /// Makes an empty file, which takes no session.
    pub(super) async fn put_empty(&mut self) -> Result<Step, Error> {
        let answer = self.client.put_empty_file(&self.session, &self.progress).await?;
        let (item, Answer { status, headers, .. }) = (answer.object(), answer);
        let outcome = Outcome { item, status: Some(status), headers, committed: true, ..Outcome::default() };
        Ok(Step::Done(Box::new(outcome)))
    }

    /// Makes a new session from what made the old one, and begins again at its URL and its position.
    pub(super) async fn recreate(&mut self) -> Result<Step, Error> {
        let Some(origin) = self.session.origin.clone() else {
            return Err(Error::Unexpected("a session without an origin cannot be made again".into()));
        };
        self.warn("the session was gone: the upload began again with a new one");
        // One session an item: an old one that is still open would block the new one.
        let gone = self.client.delete_session(&self.session, &self.progress).await;
        // The old record stays until there is a new one, and where the old session may still be open, also after.
        let old_claim = self.claim.take();
        let mut pauses = STUB_PAUSES.into_iter();
        let created = loop {
            match self.client.create_session(&origin, &self.progress).await {
                Ok(created) => break created,
                Err(error) if matches!(error.kind(), Kind::Conflict | Kind::ServerFault) => {
                    match pauses.next() {
                        Some(after) => drop(self.pause(after, Some(error)).await?),
                        None => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        };
        let mut session = Session::from_json(&String::from_utf8_lossy(&created.answer.body))?;
        session.family = self.session.family;
        session.origin = Some(origin);
        self.missing = to_the_end(session.position.min(self.total()), self.total());
        self.session = session;
        self.recreated = true;
        self.redirect = None;
        self.began = self.client.clock.now();
        self.least_missing = range::bytes(&self.missing);
        self.accepted = false;
        self.end_begun = false;
        self.end_unclear = false;
        self.throttles = 0;
        self.may_be_ahead = false;
        self.first_refused = false;
        self.told = false;
        self.attempt = 0;
        self.record().await?;
        match gone {
            Ok(_) => drop(old_claim.map(Claim::forget)),
            Err(error) => {
                self.warn(&format!("the old session could not be cancelled, and stays on record: {error}"))
            }
        }
        Ok(Step::Put)
    }
}
