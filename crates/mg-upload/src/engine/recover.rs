//! What an upload does when a fragment has failed: ask for the position, look at the destination, begin again.

use std::time::Duration;

use tracing::{info, warn};

use super::Outcome;
use super::standing::{End, Standing};
use super::step::Step;
use super::tries::Tries;
use super::upload::Upload;
use crate::answer::Answer;
use crate::client::find::{self, Found, Sought};
use crate::client::{Answered, session_lost};
use crate::error::graph_error::GraphError;
use crate::error::{Error, Kind, Refusal};
use crate::net::{Body, Method, Request, Transport, TransportError};
use crate::progress::Phase;
use crate::progress::pause::Pause;
use crate::protocol::backoff::pause;
use crate::protocol::decide::NEW_SESSION_PAUSE;
use crate::protocol::item::reported_hash;
use crate::protocol::meaning::read_state;
use crate::protocol::range::{self, Missing};
use crate::protocol::session::Session;
use crate::protocol::verdict::{Purpose, Verdict, verdict};
use crate::secret::Secret;

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
    /// Asks the service for its position until it tells. `failure` is what led here; without one, nothing was sent yet.
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
        let mut pause =
            failure.as_ref().map_or(Pause::left_over(after), |failure| Pause::after(failure, after));
        let (mut failure, mut repeats) = (failure, false);
        loop {
            failure = self.pause(pause, failure).await?;
            let progress = &*self.progress;
            self.client.admit(self.standing.url(), progress, |after| progress.may_wait(after)).await?;
            self.progress.enter(Phase::Asking);
            let asked_before = self.tries.ask();
            match self.ask_once(std::mem::replace(&mut repeats, true)).await? {
                Told::Missing(missing) => {
                    self.standing.accepted |= range::position(&missing, self.total()) > 0;
                    self.take_over(&missing)?;
                    return Ok(Step::Put);
                }
                Told::Nothing => return Ok(Step::Put),
                // It may be so new that not all of the service knows it.
                Told::Gone(lost) if looking && self.fed_before.is_none() && asked_before == 0 => {
                    (pause, failure) = (Pause::after(&lost, NEW_SESSION_PAUSE), Some(lost));
                }
                Told::Gone(lost) => return Ok(self.lost(looking, lost)),
                Told::Refused(refusal) => return Err(self.tries.give_up(refusal)),
                Told::Later { after, counts, why } => {
                    pause = Pause::after(&why, after);
                    if counts {
                        self.tries.failed += 1
                    } else {
                        self.tries.throttles += 1
                    }
                    let first = failure.unwrap_or(why);
                    if self.tries.failed >= self.options.max_attempts {
                        return Err(self.tries.give_up(first));
                    }
                    failure = Some(first);
                }
            }
        }
    }

    /// A session that is no longer there when it is asked.
    fn lost(&mut self, looking: bool, lost: Error) -> Step {
        if looking {
            // Nobody knows how far an earlier upload had come.
            self.standing.accepted = true;
            if self.standing.end == End::Begun {
                self.standing.end = End::Unclear;
            }
        }
        Step::Gone(lost)
    }

    async fn ask_once(&self, repeats: bool) -> Result<Told, Error> {
        let url = self.standing.url();
        let request = Request {
            method: Method::Get,
            url: Secret::new(url),
            headers: self.client.headers(url, self.profile.needs_token)?,
            body: Body::None,
        };
        Ok(match self.client.send(request, &self.progress, repeats).await {
            Ok(answer) if answer.is_success() => {
                let state = answer.object().and_then(|object| read_state(&object));
                state.map_or(Told::Nothing, |state| Told::Missing(state.missing))
            }
            Ok(answer) => self.read_refusal(answer),
            Err(TransportError { fault, source }) if fault.is_final() => {
                Told::Refused(Error::Unreachable { trail: self.trail(Method::Get), fault, source })
            }
            Err(TransportError { fault, source }) => Told::Later {
                after: pause(None, self.tries.failed, self.client.random()),
                counts: true,
                why: Error::Unreachable { trail: self.trail(Method::Get), fault, source },
            },
        })
    }

    fn read_refusal(&self, answer: Answer) -> Told {
        let retry_after = self.client.retry_after(&answer);
        let graph = GraphError::parse(&answer.body);
        let verdict = verdict(Purpose::Ask, answer.status, &graph, self.is_old());
        let tried = self.tries.failed.max(self.tries.throttles + 1);
        let after = pause(retry_after, tried, self.client.random());
        let refusal = Box::new(Refusal { answer, graph, trail: self.trail(Method::Get), retry_after });
        match verdict {
            Verdict::Gone => Told::Gone(session_lost(refusal)),
            Verdict::Throttled => Told::Later { after, counts: false, why: Error::Refused(refusal) },
            Verdict::Passing { .. } | Verdict::Locked => {
                Told::Later { after, counts: true, why: Error::Refused(refusal) }
            }
            _ => Told::Refused(Error::Refused(refusal)),
        }
    }

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
        Ok(find::find(self.client, origin, &sought, &self.progress).await)
    }

    /// Makes an empty file, which takes no session.
    pub(super) async fn put_empty(&mut self) -> Result<Step, Error> {
        let answer = self.client.put_empty_file(&self.standing.session, &self.progress).await?;
        let (item, Answer { status, headers, .. }) = (answer.object(), answer);
        let outcome = Outcome { item, status: Some(status), headers, committed: true, ..Outcome::default() };
        Ok(Step::Done(Box::new(outcome)))
    }

    /// Makes a new session from what made the old one, and begins again at its URL and its position.
    pub(super) async fn recreate(&mut self) -> Result<Step, Error> {
        let Some(origin) = self.standing.session.origin.clone() else {
            return Err(Error::Unexpected("a session without an origin cannot be made again".into()));
        };
        self.warn("the session was gone: the upload began again with a new one");
        // One session an item: an old one that is still open would block the new one.
        let gone = self.client.delete_session(&self.standing.session, &self.progress).await;
        let mut pauses = STUB_PAUSES.into_iter();
        let created = loop {
            match self.client.make_session(&origin, &self.progress).await {
                Ok(created) => break created,
                Err(error) if matches!(error.kind(), Kind::Conflict | Kind::ServerFault) => {
                    match pauses.next() {
                        Some(after) => drop(self.pause(Pause::after(&error, after), Some(error)).await?),
                        None => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        };
        let Answered { answer, trail, .. } = created.answered;
        let mut session = Session::from_json(&String::from_utf8_lossy(&answer.body)).map_err(|_| {
            Error::UnexpectedAnswer { what: "no session that can be used", answer: Box::new(answer), trail }
        })?;
        session.family = self.standing.session.family;
        session.origin = Some(created.origin);
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
