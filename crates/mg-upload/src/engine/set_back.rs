//! What a fragment that did not go through leads to.

use tracing::{debug, info};

use super::fragment::Sent;
use super::standing::End;
use super::step::Step;
use super::upload::Upload;
use crate::address::{check_url, parse_url};
use crate::client::{Setback, lost, session_lost};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::protocol::decide::{Action, Situation, decide};
use crate::protocol::range::ByteRange;
use crate::protocol::verdict::Verdict;
use crate::response::{Response, header_in};
use crate::secret::redacted;

impl<T: Transport> Upload<'_, T> {
    /// A fragment that was refused, or that brought no answer.
    pub(super) fn set_back(
        &mut self,
        sent: Sent,
        Setback { verdict, error }: Setback,
    ) -> Result<Step, Error> {
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
            if_match: origin.is_some_and(|origin| header_in(&origin.headers, "if-match").is_some()),
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
