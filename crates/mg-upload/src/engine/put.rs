//! Fragments on their way out, and what their answers lead to.

use std::sync::Arc;

use futures_util::future::join_all;
use tracing::{debug, info};

use super::Outcome;
use super::fragment::{Fragment, Sent};
use super::standing::{End, Known};
use super::step::Step;
use super::upload::Upload;
use crate::address::{check_url, parse_url};
use crate::client::{Call, Content, Once, Setback, lost, session_lost};
use crate::error::{Error, Kind};
use crate::journal::Claim;
use crate::net::{Method, Transport};
use crate::progress::Phase;
use crate::protocol::backoff::backoff;
use crate::protocol::decide::{Action, Situation, decide};
use crate::protocol::meaning::{Meaning, read_put};
use crate::protocol::plan;
use crate::protocol::range::{self, ByteRange};
use crate::protocol::verdict::{Purpose, Verdict};
use crate::response::Response;
use crate::secret::redacted;

impl<T: Transport> Upload<'_, T> {
    /// Sends the next fragment, or as many at once as the family allows.
    pub(super) async fn put(&mut self) -> Result<Step, Error> {
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
        let requests = ranges.iter().map(|range| self.put_fragment(Fragment::new(*range), repeats));
        let results = join_all(requests).await.into_iter().collect::<Result<_, Error>>()?;
        // A body that failed by itself comes back as a broken request; the file's own story is the true one.
        if let Some(failure) = self.source.take_failure() {
            return Err(failure);
        }
        self.settle_all(results)
    }

    async fn put_fragment(
        &self,
        fragment: Fragment,
        repeats: bool,
    ) -> Result<(Sent, Result<Response, Setback>), Error> {
        let url = self.url_for(fragment.range);
        let headers = [
            ("content-type".to_owned(), "application/octet-stream".to_owned()),
            ("content-range".to_owned(), fragment.range.content_range(self.total())),
        ];
        let body = || fragment.watched(self.source.body(fragment.range, Arc::clone(&self.progress)));
        let call = Call {
            method: Method::Put,
            url: &url,
            headers: &headers,
            body: Content::Stream(&body),
            with_token: self.profile.needs_token,
            purpose: Purpose::Put,
        };
        let (tried, is_old) = (self.tries.tried(), self.is_old());
        let mut once = Once { progress: &self.progress, tried, repeats, is_old };
        let result = self.client.exchange(&call, &mut once).await?;
        Ok((fragment.sent(), result))
    }

    /// Where a fragment is sent to.
    fn url_for(&self, range: ByteRange) -> String {
        match self.standing.redirect(range.first) {
            Some(target) => target.to_owned(),
            None => with_suffix(self.standing.url(), self.profile.put_suffix),
        }
    }

    fn settle_all(&mut self, results: Vec<(Sent, Result<Response, Setback>)>) -> Result<Step, Error> {
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
            let after = backoff(self.tries.failed, fastrand::f64());
            let failure =
                Error::RangeRejected("every byte was sent, and the service still expects some".into());
            if self.tries.failed >= self.options.max_attempts {
                return Step::Fail(failure);
            }
            return Step::Ask { after, failure };
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
        result: Result<Response, Setback>,
        all_sent: bool,
    ) -> Result<Step, Error> {
        let response = match result {
            Ok(response) => response,
            Err(setback) => return self.set_back(sent, setback),
        };
        self.standing.reached(sent.reach);
        match read_put(&response) {
            Meaning::Progress(state) => self.advance(sent, &state, response),
            Meaning::Stored if sent.is_whole() && !self.standing.may_end(sent.range) => {
                self.standing.accepted = true;
                self.pace.took(sent.range.len(), sent.time);
                self.stored(sent.range, response)
            }
            Meaning::Finished { item, location } if all_sent => {
                let Response { status, headers, .. } = response;
                self.progress.set_position(self.total(), self.total());
                let status = Some(status);
                Ok(Step::Done(Box::new(Outcome { item, location, status, headers, committed: true })))
            }
            Meaning::Finished { .. } => {
                self.standing.end = End::Premature;
                Ok(self.unclear(sent.range, "an end before the last byte was sent", response))
            }
            Meaning::Unclear | Meaning::Stored => {
                self.standing.unclear(sent.range);
                Ok(self.unclear(sent.range, "neither a position nor an item", response))
            }
        }
    }

    /// A fragment that was refused, or that brought no answer.
    fn set_back(&mut self, sent: Sent, Setback { verdict, error }: Setback) -> Result<Step, Error> {
        // What the very first fragment is refused for, as not expected, is what others have sent.
        if verdict != Verdict::OutOfOrder || self.standing.accepted {
            self.standing.reached(sent.reach);
        }
        self.tries.failed += 1;
        let (unanswered, kind) = (error.fault().is_some(), error.kind());
        // A service in trouble may have stored the bytes all the same.
        if unanswered || matches!(kind, Kind::Timeout | Kind::ServerFault) {
            self.standing.unclear(sent.range);
        }
        if unanswered || kind == Kind::Timeout {
            self.pace.lost(sent.time);
        }
        match verdict {
            Verdict::Moved => self.follow(sent.range, error),
            _ => Ok(self.act(verdict, sent.range, error)),
        }
    }

    /// A success that tells nothing to go on by.
    pub(super) fn unclear(&mut self, range: ByteRange, what: &'static str, response: Response) -> Step {
        self.tries.failed += 1;
        let failure = self.unexpected(what, response);
        // Whoever answers so on this connection may not be the service.
        self.client.renew();
        self.act(Verdict::Passing { renew: true }, range, failure)
    }

    /// Sends the fragment at hand where a redirect says, and the next one to the session's own URL again.
    fn follow(&mut self, range: ByteRange, moved: Error) -> Result<Step, Error> {
        let Some(target) = moved.response().and_then(|response| response.header("location")) else {
            return Ok(Step::Fail(moved));
        };
        let target = if target.contains("://") {
            // As it stands: it is as opaque as the upload URL.
            Some(target.to_owned())
        } else {
            let from = parse_url(self.standing.url());
            from.and_then(|from| from.join(target).ok()).map(String::from)
        };
        match (target.filter(|target| check_url(target).is_ok()), moved) {
            (Some(target), _) if self.tries.failed < self.options.max_attempts => {
                debug!(target = redacted(&target), "the service moved the fragment");
                self.standing.redirected(range.first, target);
                Ok(Step::Put)
            }
            (_, Error::Refused(refusal)) => {
                Err(self.unexpected("a redirect that is not followed", refusal.response))
            }
            (_, moved) => Err(moved),
        }
    }

    /// Turns the decision about a failed PUT into a step.
    fn act(&mut self, verdict: Verdict, range: ByteRange, failure: Error) -> Step {
        let retry_after = failure.refusal().and_then(|refusal| refusal.retry_after);
        let action = decide(&self.situation(), verdict, retry_after);
        debug!(?action, attempt = self.tries.failed, range = %range, "a fragment failed");
        match action {
            Action::Ask { after } => Step::Ask { after, failure },
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
            random: fastrand::f64(),
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
