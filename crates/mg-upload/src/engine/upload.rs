//! One upload, from its first fragment to its end: a small machine of steps.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::finish::Arrived;
use super::fragment::Fragment;
use super::pace::Pace;
use super::standing::{End, Known, Standing};
use super::step::Step;
use super::tries::Tries;
use super::{Outcome, UploadOptions};
use crate::address::{check_url, parse_url};
use crate::answer::Answer;
use crate::client::Client;
use crate::client::{lost, session_lost};
use crate::error::graph_error::GraphError;
use crate::error::{Error, Refusal, Trail};
use crate::family::Profile;
use crate::journal::Claim;
use crate::net::{Body, Method, Request, Transport, TransportError};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::backoff::backoff;
use crate::protocol::decide::{Action, Failure, Situation, decide};
use crate::protocol::meaning::{Meaning, read_put};
use crate::protocol::plan;
use crate::protocol::range::{self, ByteRange};
use crate::protocol::verdict::{Purpose, may_repeat, verdict};
use crate::secret::{Secret, redacted};
use crate::source::FileSource;

/// A pause of this length is put on record: who goes on after a crash must keep it too.
const NOTED_PAUSE: Duration = Duration::from_secs(1);

/// OneDrive for Business signs an upload URL for 24 hours, whatever expiry it tells.
const URL_LIFE: SignedDuration = SignedDuration::from_hours(23);

/// An upload under way.
pub(super) struct Upload<'c, T> {
    pub(super) client: &'c Client<T>,
    pub(super) profile: &'static Profile,
    pub(super) source: Arc<FileSource>,
    pub(super) options: UploadOptions,
    pub(super) progress: Arc<Progress>,
    pub(super) started: Instant,
    /// How the session stands; a new session's is a new one.
    pub(super) standing: Standing,
    pub(super) tries: Tries,
    pub(super) pace: Pace,
    /// Whether a new session has been made in place of the first one.
    pub(super) recreated: bool,
    /// The right to feed the session, and its record.
    pub(super) claim: Option<Claim>,
    /// The id under which the session is on record, also while a thread has the claim.
    pub(super) on_record: Option<String>,
    /// Whether it is time to write how far the upload has come.
    pub(super) note_is_due: bool,
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
                    self.pause(Pause::after(&failure, after), Some(failure)).await?;
                    Step::Put
                }
                Step::Gone(failure) => self.gone(failure).await?,
                Step::Recreate => self.recreate().await?,
                Step::Fail(failure) => return Err(self.tries.give_up(failure)),
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
        let ranges = plan::next(&self.standing.missing, self.pace.chunk(), self.profile.parallel);
        let Some(first) = ranges.first() else {
            return Ok(self.all_sent());
        };
        self.hash_before(first.first).await?;
        let record = self.claim.as_ref().and_then(Claim::record);
        if ranges.iter().any(|range| range.end() == total) && record.is_some_and(|record| !record.end_begun) {
            self.with_claim(Claim::note_end_begun).await;
        } else if std::mem::take(&mut self.note_is_due) {
            self.with_claim(Claim::rewrite).await;
        }
        self.show_position();
        self.progress.enter(Phase::Sending);
        let repeats = self.tries.put();
        let (client, progress) = (self.client, &*self.progress);
        let mut requests = Vec::with_capacity(ranges.len());
        for range in &ranges {
            let (fragment, request) = self.put_request(*range)?;
            requests.push(async move {
                client.admit(request.url.expose(), progress, |after| progress.may_wait(after)).await?;
                let result = client.send(request, progress, repeats).await;
                Ok((Sent { time: fragment.time(), reach: fragment.reach(), range: fragment.range }, result))
            });
        }
        let results = join_all(requests).await.into_iter().collect::<Result<_, Error>>()?;
        // A body that failed by itself comes back as a broken request; the file's own story is the true one.
        if let Some(failure) = self.source.take_failure() {
            return Err(failure);
        }
        self.settle_all(results)
    }

    fn settle_all(&mut self, results: Vec<(Sent, Result<Answer, TransportError>)>) -> Result<Step, Error> {
        let failed = self.tries.failed;
        let sent = results.iter().filter(|(sent, _)| sent.is_whole()).map(|(sent, _)| sent.range);
        let left = sent.fold(self.standing.missing.clone(), |left, range| range::without(&left, range));
        let mut next = Step::Put;
        for (sent, result) in results {
            // Fragments that failed together have failed once.
            self.tries.failed = self.tries.failed.min(failed);
            match self.settle(sent, result, left.is_empty())? {
                Step::Put => {}
                done @ Step::Done(_) => return Ok(done),
                step => next = next.or_graver(step),
            }
        }
        Ok(next)
    }

    /// No byte is missing as far as is known, and no answer has ended the upload.
    fn all_sent(&mut self) -> Step {
        if !self.standing.in_order() && self.standing.known != Known::Told {
            self.tries.failed += 1;
            let after = backoff(self.tries.failed, self.client.random());
            let failure =
                Error::RangeRejected("every byte was sent, and the service still expects some".into());
            if self.tries.failed >= self.options.max_attempts {
                return Step::Fail(failure);
            }
            return Step::Ask { after, renew: false, failure };
        }
        // The answer to the last byte was lost, or the service wants a commit.
        self.complete(Outcome::default())
    }

    /// Every byte has arrived. Only a drive has a commit that can be asked for.
    pub(super) fn complete(&mut self, outcome: Outcome) -> Step {
        if self.standing.has_commit() {
            Step::Done(Box::new(outcome))
        } else {
            self.standing.end = End::Unclear;
            Step::Gone(Error::NotCommitted)
        }
    }

    /// What the answer to one fragment leads to. `all_sent`: with it, and those that were sent beside it, the last byte has
    /// left.
    fn settle(
        &mut self,
        sent: Sent,
        result: Result<Answer, TransportError>,
        all_sent: bool,
    ) -> Result<Step, Error> {
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => return Ok(self.unanswered(sent, error)),
        };
        // What the very first fragment is refused for, as not expected, is what others have sent.
        if answer.status != 416 || self.standing.accepted {
            self.standing.reached(sent.reach);
        }
        match read_put(&answer) {
            Meaning::Progress(state) => self.advance(sent, &state, answer),
            Meaning::Stored if sent.is_whole() && !self.standing.may_end(sent.range) => {
                self.standing.accepted = true;
                self.pace.took(sent.range.len(), sent.time);
                self.stored(sent.range, answer)
            }
            Meaning::Finished { item, location } if all_sent => {
                let Answer { status, headers, .. } = answer;
                self.progress.set_position(self.total(), self.total());
                let status = Some(status);
                Ok(Step::Done(Box::new(Outcome { item, location, status, headers, committed: true })))
            }
            Meaning::Finished { .. } => {
                self.standing.end = End::Premature;
                Ok(self.unclear(sent.range, "an end before the last byte was sent", answer))
            }
            Meaning::Unclear | Meaning::Stored => {
                self.standing.unclear(sent.range);
                Ok(self.unclear(sent.range, "neither a position nor an item", answer))
            }
            Meaning::Redirect(target) => self.follow(sent.range, &target, answer),
            Meaning::Refused(graph) => Ok(self.refused(sent, answer, graph)),
        }
    }

    /// A fragment that brought no answer.
    fn unanswered(&mut self, sent: Sent, TransportError { fault, source }: TransportError) -> Step {
        self.tries.failed += 1;
        self.standing.reached(sent.reach);
        self.standing.unclear(sent.range);
        self.pace.lost(sent.time);
        let failure = Error::Unreachable { trail: self.trail(Method::Put), fault, source };
        if !may_repeat(Purpose::Put, fault) {
            return Step::Fail(failure);
        }
        self.act(Failure::NoAnswer, sent.range, failure)
    }

    /// A success that tells nothing to go on by.
    pub(super) fn unclear(&mut self, range: ByteRange, what: &'static str, answer: Answer) -> Step {
        self.tries.failed += 1;
        let failure = self.unexpected(what, answer);
        self.act(Failure::NoAnswer, range, failure)
    }

    /// A fragment that was refused.
    fn refused(&mut self, sent: Sent, answer: Answer, graph: GraphError) -> Step {
        self.tries.failed += 1;
        let (retry_after, status) = (self.client.retry_after(&answer), answer.status);
        if matches!(status, 408 | 500..=599) {
            // A service in trouble may have stored the bytes all the same.
            self.standing.unclear(sent.range);
        }
        if matches!(status, 408 | 504) {
            self.pace.lost(sent.time);
        }
        let verdict = verdict(Purpose::Put, status, &graph, self.is_old());
        let trail = self.trail(Method::Put);
        let failure = Error::Refused(Box::new(Refusal { answer, graph, trail, retry_after }));
        self.act(Failure::Refused { verdict, retry_after }, sent.range, failure)
    }

    fn put_request(&self, range: ByteRange) -> Result<(Fragment, Request), Error> {
        let url = match self.standing.redirect(range.first) {
            Some(target) => target.to_owned(),
            None => with_suffix(self.standing.url(), self.profile.put_suffix),
        };
        let mut headers = self.client.headers(&url, self.profile.needs_token)?;
        headers.push(("content-type".into(), "application/octet-stream".into()));
        headers.push(("content-range".into(), range.content_range(self.total())));
        let body = self.source.body(range, Arc::clone(&self.progress));
        let (fragment, body) = Fragment::watched(range, body);
        let request =
            Request { method: Method::Put, url: Secret::new(url), headers, body: Body::Stream(body) };
        Ok((fragment, request))
    }

    /// Sends the fragment at hand where a redirect says, and the next one to the session's own URL again.
    fn follow(&mut self, range: ByteRange, target: &str, answer: Answer) -> Result<Step, Error> {
        self.tries.failed += 1;
        let target = if target.contains("://") {
            // As it stands: it is as opaque as the upload URL.
            Some(target.to_owned())
        } else {
            let from = parse_url(self.standing.url());
            from.and_then(|from| from.join(target).ok()).map(String::from)
        };
        match target.filter(|target| check_url(target).is_ok()) {
            Some(target) if self.tries.failed < self.options.max_attempts => {
                debug!(target = redacted(&target), "the service moved the fragment");
                self.standing.redirected(range.first, target);
                Ok(Step::Put)
            }
            _ => Err(self.unexpected("a redirect that is not followed", answer)),
        }
    }

    /// Turns the decision about a failed PUT into a step.
    fn act(&mut self, what: Failure, range: ByteRange, failure: Error) -> Step {
        let action = decide(&self.situation(), what);
        debug!(?action, attempt = self.tries.failed, range = %range, "a fragment failed");
        match action {
            Action::Ask { after, renew } => Step::Ask { after, renew, failure },
            Action::Throttled { after } => {
                // Being told to wait is no failed attempt: only the wait budget limits it.
                self.tries.failed = self.tries.failed.saturating_sub(1);
                self.tries.throttles += 1;
                Step::Resend { after, failure }
            }
            Action::Resend { after } => Step::Resend { after, failure },
            Action::Gone => Step::Gone(match failure {
                Error::Refused(refusal) => session_lost(refusal),
                other => other,
            }),
            Action::Recreate => Step::Recreate,
            Action::Shrink => self.shrink(range, failure),
            Action::GiveUp => Step::Fail(lost(failure)),
        }
    }

    fn situation(&self) -> Situation {
        let origin = self.standing.session.origin.as_ref();
        Situation {
            attempt: self.tries.failed,
            throttles: self.tries.throttles + 1,
            max_attempts: self.options.max_attempts,
            accepted: self.standing.accepted,
            end_unclear: self.standing.end == End::Unclear,
            in_order: self.standing.in_order(),
            can_recreate: self.can_recreate(),
            if_match: origin.is_some_and(|origin| {
                origin.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-match"))
            }),
            random: self.client.random(),
        }
    }

    fn shrink(&mut self, range: ByteRange, failure: Error) -> Step {
        // Several fragments of one size shrink it once.
        if range.len() > self.pace.chunk() {
            return Step::Put;
        }
        if !self.pace.too_large(self.profile) {
            return Step::Fail(failure);
        }
        info!(chunk = self.pace.chunk(), "the service calls the fragment too large");
        Step::Put
    }
}

/// What is known of a fragment once its request has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub range: ByteRange,
    /// The offset behind its last byte that the transport has taken.
    pub reach: u64,
    /// How long it was on its way, answer included.
    pub time: Duration,
}

impl Sent {
    /// Whether all of it has left. No answer that came before can mean that it has arrived.
    pub fn is_whole(&self) -> bool {
        self.reach == self.range.end()
    }
}

impl<T: Transport> Upload<'_, T> {
    /// Waits, as long as the budget lasts; then `failure` is the outcome, or the pause itself.
    pub(super) async fn pause(
        &mut self,
        pause: Pause,
        failure: Option<Error>,
    ) -> Result<Option<Error>, Error> {
        let after = pause.after;
        if !self.progress.may_wait(after) {
            warn!(waited = ?self.progress.waited(), asked = ?after, "the wait budget is used up");
            let paused = || Error::HostPaused { target: redacted(self.standing.url()), left: after };
            return Err(self.tries.give_up(failure.unwrap_or_else(paused)));
        }
        if after >= NOTED_PAUSE {
            let until = self.client.clock.now().saturating_add(after).unwrap_or(Timestamp::MAX);
            self.with_claim(move |claim| claim.note_pause(until)).await;
        }
        let life = self.standing.session.life_left(self.client.clock.now());
        if let Some(life) = life.filter(|life| *life < after) {
            self.warn(&format!(
                "the service asked for a pause of {} s, and the session had {} s to live",
                after.as_secs(),
                life.as_secs()
            ));
        }
        // What was on its way, and has not been taken, counts no more.
        self.show_position();
        self.progress.wait(pause).await;
        Ok(failure)
    }

    /// What the caller should know all the same.
    pub(super) fn warn(&mut self, what: &str) {
        warn!("{what}");
        self.warnings.push(what.to_owned());
    }

    pub(super) fn can_recreate(&self) -> bool {
        self.standing.session.origin.is_some() && self.client.has_token() && !self.recreated
    }

    pub(super) fn is_old(&self) -> bool {
        let now = self.client.clock.now();
        let expired = self.standing.session.life_left(now).is_some_and(|left| left.is_zero());
        expired || now.duration_since(self.standing.began) >= URL_LIFE
    }

    pub(super) fn trail(&self, method: Method) -> Trail {
        Trail {
            with_token: self.profile.needs_token,
            ..self.tries.trail(method.name(), redacted(self.standing.url()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_ends_the_path_and_not_the_query() {
        for (url, with) in [
            ("https://h/a", "https://h/a/content"),
            ("https://h/a?b=c?d", "https://h/a/content?b=c?d"),
            ("https://h/a?", "https://h/a/content?"),
        ] {
            assert_eq!(with_suffix(url, "/content"), with);
            assert_eq!(with_suffix(url, ""), url);
        }
    }
}
