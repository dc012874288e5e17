//! One upload, from its first fragment to its end: a small machine of steps.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use super::finish::Arrived;
use super::step::Step;
use super::{Outcome, UploadOptions};
use crate::answer::{Answer, Meaning, read_put};
use crate::backoff::backoff;
use crate::client::Client;
use crate::decide::{Action, Failure, Situation, decide};
use crate::error::{Error, Refusal, Trail};
use crate::family::{Family, Profile};
use crate::journal::Claim;
use crate::plan;
use crate::progress::{Phase, Progress};
use crate::range::{self, ByteRange};
use crate::secret::{Secret, redacted};
use crate::session::{Session, check_url, parse_url};
use crate::sessions::lost;
use crate::source::FileSource;
use crate::transport::{Body, Method, Request, Transport, TransportError};

/// A pause of this length is put on record: who goes on after a crash must keep it too.
const NOTED_PAUSE: Duration = Duration::from_secs(1);

/// OneDrive for Business signs an upload URL for 24 hours, whatever expiry it tells.
const URL_LIFE: SignedDuration = SignedDuration::from_hours(23);

/// An upload under way.
pub(super) struct Upload<'c, T> {
    pub(super) client: &'c Client<T>,
    pub(super) session: Session,
    pub(super) profile: &'static Profile,
    pub(super) source: Arc<FileSource>,
    pub(super) options: UploadOptions,
    pub(super) progress: Arc<Progress>,
    pub(super) started: Instant,
    pub(super) chunk: u64,
    /// What the service lacks, as far as is known: one gap to the end where the order is fixed.
    pub(super) missing: Vec<ByteRange>,
    /// Whether the service may be ahead of what is known here: an earlier upload has fed the session.
    pub(super) may_be_ahead: bool,
    /// Whether the very first PUT was refused as out of order: what the service has then came from elsewhere.
    pub(super) first_refused: bool,
    /// Whether the service has told this very upload what it lacks.
    pub(super) told: bool,
    /// Attempts since the service last took a byte.
    pub(super) attempt: u32,
    /// How often the service has asked for a pause since it last took a byte.
    pub(super) throttles: u32,
    /// All pauses so far.
    pub(super) waited: Duration,
    /// Whether this session has taken any byte.
    pub(super) accepted: bool,
    /// Whether an earlier upload has begun to send the last byte.
    pub(super) end_begun: bool,
    /// Whether a PUT with the last byte has ended without a clear answer.
    pub(super) end_unclear: bool,
    pub(super) recreated: bool,
    /// Where a redirect has sent the fragment at hand.
    pub(super) redirect: Option<String>,
    /// When this upload, or the one that it goes on with, began.
    pub(super) began: Timestamp,
    /// The least that has ever been missing: only less than that is progress.
    pub(super) least_missing: u64,
    /// When the fragment at hand was first sent.
    pub(super) fragment_started: Instant,
    /// The right to feed the session, and its record.
    pub(super) claim: Option<Claim>,
    /// Where an earlier upload has left a record of this session: when the service wants to be asked again.
    pub(super) fed_before: Option<Timestamp>,
    pub(super) warnings: Vec<String>,
}

impl<'c, T: Transport> Upload<'c, T> {
    pub(super) async fn run(&mut self) -> Result<Arrived, Error> {
        self.record().await?;
        let mut step = self.first_step();
        loop {
            step = match step {
                Step::Put => self.put().await?,
                Step::Empty => self.put_empty().await?,
                Step::Ask { after, renew, failure } => self.ask(after, renew, Some(failure)).await?,
                Step::Look { after } => self.ask(after, false, None).await?,
                Step::Resend { after, failure } => {
                    self.pause(after, Some(failure)).await?;
                    Step::Put
                }
                Step::Gone(failure) => self.gone(failure).await?,
                Step::Recreate => self.recreate().await?,
                Step::Fail(failure) => return Err(failure),
                Step::Done(outcome) => return self.arrive(*outcome).await,
            };
        }
    }

    pub(super) fn total(&self) -> u64 {
        self.source.len()
    }

    /// Sends the next fragment, or as many at once as the family allows.
    async fn put(&mut self) -> Result<Step, Error> {
        let total = self.total();
        let ranges = plan::next(&self.missing, self.chunk, self.profile.parallel);
        let Some(first) = ranges.first() else {
            return Ok(self.all_sent());
        };
        self.mind_gate()?;
        self.hash_before(first.first).await?;
        if self.attempt == 0 {
            self.fragment_started = Instant::now();
        }
        if let Some(claim) = self.claim.as_mut().filter(|_| ranges.iter().any(|range| range.end() == total)) {
            claim.note_end_begun();
        }
        self.show_position();
        self.progress.enter(Phase::Sending);
        let (client, progress, repeats) = (self.client, &*self.progress, self.attempt > 0);
        let mut requests = Vec::with_capacity(ranges.len());
        for range in &ranges {
            let request = self.put_request(*range)?;
            requests.push(async move { (*range, client.send(request, progress, repeats).await) });
        }
        let results = join_all(requests).await;
        // A body that failed by itself comes back as a broken request; the file's own story is the true one.
        if let Some(failure) = self.source.take_failure() {
            return Err(failure);
        }
        let attempt = self.attempt;
        let mut next = Step::Put;
        for (range, result) in results {
            // Fragments that failed together have failed once.
            self.attempt = self.attempt.min(attempt);
            match self.settle(range, result)? {
                Step::Put => {}
                done @ Step::Done(_) => return Ok(done),
                step => next = next.or_graver(step),
            }
        }
        Ok(next)
    }

    /// No byte is missing as far as is known, and no answer has ended the upload.
    fn all_sent(&mut self) -> Step {
        if self.profile.parallel > 1 && !self.told {
            self.attempt += 1;
            let after = backoff(self.attempt, self.client.random());
            let failure = Error::NotCommitted;
            if self.attempt >= self.options.max_attempts {
                return Step::Fail(failure);
            }
            return Step::Ask { after, renew: false, failure };
        }
        // The answer to the last byte was lost, or the service wants a commit.
        self.complete(Outcome::default())
    }

    /// Every byte has arrived. Only a drive has a commit that can be asked for.
    pub(super) fn complete(&mut self, outcome: Outcome) -> Step {
        if self.session.family == Family::Drive {
            Step::Done(Box::new(outcome))
        } else {
            self.end_unclear = true;
            Step::Gone(Error::NotCommitted)
        }
    }

    /// What the answer to one fragment leads to.
    fn settle(&mut self, range: ByteRange, result: Result<Answer, TransportError>) -> Result<Step, Error> {
        let answer = match result {
            Ok(answer) => answer,
            Err(TransportError { fault, source }) => {
                self.attempt += 1;
                self.end_unclear |= self.may_end(range);
                let failure = Error::Unreachable { trail: self.trail(Method::Put), fault, source };
                if fault.is_final() {
                    return Ok(Step::Fail(failure));
                }
                return Ok(self.act(Failure::NoAnswer, range, failure));
            }
        };
        match read_put(&answer) {
            Meaning::Progress(state) => self.advance(range, &state, answer),
            Meaning::Stored if !self.may_end(range) => {
                self.accepted = true;
                self.lacks(range::without(&self.missing, range));
                Ok(Step::Put)
            }
            Meaning::Finished { item, location } => {
                let Answer { status, headers, .. } = answer;
                self.progress.set_position(self.total(), self.total());
                let status = Some(status);
                Ok(Step::Done(Box::new(Outcome { item, location, status, headers, committed: true })))
            }
            Meaning::Unclear | Meaning::Stored => {
                self.attempt += 1;
                self.end_unclear |= self.may_end(range);
                let failure = self.unexpected("neither a position nor an item", answer);
                Ok(self.act(Failure::NoAnswer, range, failure))
            }
            Meaning::Redirect(target) => self.follow(&target, answer),
            Meaning::Refused(graph) => {
                self.attempt += 1;
                let retry_after = self.client.retry_after(&answer);
                let status = answer.status;
                self.first_refused |= status == 416 && self.attempt == 1 && !self.accepted;
                // A service in trouble may have stored the bytes all the same.
                self.end_unclear |= matches!(status, 408 | 500..=599) && self.may_end(range);
                let trail = self.trail(Method::Put);
                let failure =
                    Error::Refused(Box::new(Refusal { answer, graph: graph.clone(), trail, retry_after }));
                Ok(self.act(Failure::Refused { status, graph: &graph, retry_after }, range, failure))
            }
        }
    }

    /// Whether the upload may end with this fragment: with the last byte, or, in any order, with any.
    pub(super) fn may_end(&self, range: ByteRange) -> bool {
        self.profile.parallel > 1 || range.end() == self.total()
    }

    fn put_request(&self, range: ByteRange) -> Result<Request, Error> {
        let url = match &self.redirect {
            Some(target) => target.clone(),
            None => with_suffix(self.session.upload_url.expose(), self.profile.put_suffix),
        };
        let mut headers = self.client.headers(&url, self.profile.needs_token)?;
        headers.push(("content-type".into(), "application/octet-stream".into()));
        headers.push(("content-range".into(), range.content_range(self.total())));
        let body = Body::Stream(self.source.body(range, Arc::clone(&self.progress)));
        Ok(Request { method: Method::Put, url: Secret::new(url), headers, body })
    }

    /// Sends the fragment at hand where a redirect says, and the next one to the session's own URL again.
    fn follow(&mut self, target: &str, answer: Answer) -> Result<Step, Error> {
        self.attempt += 1;
        let target = if target.contains("://") {
            // As it stands: it is as opaque as the upload URL.
            Some(target.to_owned())
        } else {
            let from = parse_url(self.session.upload_url.expose());
            from.and_then(|from| from.join(target).ok()).map(String::from)
        };
        match target.filter(|target| check_url(target).is_ok()) {
            Some(target) if self.attempt < self.options.max_attempts => {
                debug!(target = redacted(&target), "the service moved the fragment");
                self.redirect = Some(target);
                Ok(Step::Put)
            }
            _ => Err(self.unexpected("a redirect that is not followed", answer)),
        }
    }

    /// Turns the decision about a failed PUT into a step.
    pub(super) fn act(&mut self, what: Failure<'_>, range: ByteRange, failure: Error) -> Step {
        let situation = Situation {
            attempt: self.attempt,
            throttles: self.throttles + 1,
            max_attempts: self.options.max_attempts,
            accepted: self.accepted,
            at_end: self.end_unclear || range.end() == self.total(),
            end_unclear: self.end_unclear && self.profile.parallel == 1,
            can_recreate: self.can_recreate(),
            is_old: self.is_old(),
            if_match: self.session.origin.as_ref().is_some_and(|origin| {
                origin.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-match"))
            }),
            random: self.client.random(),
        };
        let action = decide(&situation, what);
        debug!(?action, attempt = self.attempt, range = %range, "a fragment failed");
        match action {
            Action::Ask { after, renew } => Step::Ask { after, renew, failure },
            Action::Throttled { after } => {
                self.client.gate.close(self.session.upload_url.expose(), after);
                // Being told to wait is no failed attempt: only the wait budget limits it.
                self.attempt = self.attempt.saturating_sub(1);
                self.throttles += 1;
                Step::Resend { after, failure }
            }
            Action::Resend { after } => Step::Resend { after, failure },
            Action::Gone => Step::Gone(lost(failure)),
            Action::Recreate => Step::Recreate,
            // Several fragments of one size shrink it once.
            Action::Shrink if range.len() > self.chunk => Step::Put,
            Action::Shrink => match plan::halve(self.chunk, self.profile) {
                Some(half) => {
                    info!(chunk = half, "the service calls the fragment too large");
                    self.chunk = half;
                    Step::Put
                }
                None => Step::Fail(failure),
            },
            Action::GiveUp => Step::Fail(failure),
        }
    }
}

impl<T: Transport> Upload<'_, T> {
    /// Waits, as long as the budget lasts; then `failure` is the outcome.
    pub(super) async fn pause(
        &mut self,
        after: Duration,
        failure: Option<Error>,
    ) -> Result<Option<Error>, Error> {
        if self.waited + after > self.options.wait_budget {
            warn!(waited = ?self.waited, asked = ?after, "the wait budget is used up");
            return Err(failure.unwrap_or_else(|| Error::Unexpected("a pause without a failure".into())));
        }
        self.waited += after;
        if let Some(claim) = self.claim.as_mut().filter(|_| after >= NOTED_PAUSE) {
            claim.note_pause(self.client.clock.now().saturating_add(after).unwrap_or(Timestamp::MAX));
        }
        if let Some(life) = self.session.life_left(self.client.clock.now()).filter(|life| *life < after) {
            self.warn(&format!(
                "the service asked for a pause of {} s, and the session had {} s to live",
                after.as_secs(),
                life.as_secs()
            ));
        }
        self.progress.pause(after);
        sleep(after).await;
        self.progress.pause(Duration::ZERO);
        Ok(failure)
    }

    /// Fails where waiting for the host's gate would take more than is left of the wait budget.
    pub(super) fn mind_gate(&self) -> Result<(), Error> {
        let url = self.session.upload_url.expose();
        let left = self.client.gate.pause(url);
        if self.waited + left > self.options.wait_budget {
            return Err(Error::HostPaused { target: redacted(url), left });
        }
        Ok(())
    }

    /// What the caller should know all the same.
    pub(super) fn warn(&mut self, what: &str) {
        warn!("{what}");
        self.warnings.push(what.to_owned());
    }

    pub(super) fn can_recreate(&self) -> bool {
        self.session.origin.is_some() && self.client.has_token() && !self.recreated
    }

    pub(super) fn is_old(&self) -> bool {
        let now = self.client.clock.now();
        let expired = self.session.life_left(now).is_some_and(|left| left.is_zero());
        expired || now.duration_since(self.began) >= URL_LIFE
    }

    pub(super) fn trail(&self, method: Method) -> Trail {
        Trail {
            method: method.name(),
            target: redacted(self.session.upload_url.expose()),
            with_token: self.profile.needs_token,
            attempts: self.attempt.max(1),
            elapsed: self.fragment_started.elapsed(),
        }
    }

    pub(super) fn unexpected(&self, what: &'static str, answer: Answer) -> Error {
        Error::UnexpectedAnswer { what, answer: Box::new(answer), trail: self.trail(Method::Put) }
    }
}

/// A URL with something appended to its path.
fn with_suffix(url: &str, suffix: &str) -> String {
    let (path, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    format!("{path}{suffix}{query}")
}
