//! Asking a session for its position, until it tells.

use std::time::Duration;

use tokio::time::Instant;

use super::standing::End;
use super::step::Step;
use super::upload::Upload;
use crate::client::{Call, Patience, Setback, lost, session_lost};
use crate::error::Error;
use crate::net::{Method, Transport};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::backoff::pause;
use crate::protocol::decide::NEW_SESSION_PAUSE;
use crate::protocol::meaning::read_state;
use crate::protocol::range;
use crate::protocol::verdict::{Purpose, Verdict};

/// The upload's own patience with a question: what fails counts together with its fragments, and each pause goes on record.
struct Asking<'u, 'c, T> {
    upload: &'u mut Upload<'c, T>,
    /// Whether the service may not know the session yet.
    is_new: bool,
    repeats: bool,
    /// What has led here: it is reported when asking does not help.
    first: Option<Error>,
}

impl<T: Transport> Patience for Asking<'_, '_, T> {
    fn progress(&self) -> &Progress {
        &self.upload.progress
    }

    fn is_old(&self) -> bool {
        self.upload.is_old()
    }

    fn begin(&mut self) -> bool {
        self.is_new &= self.upload.tries.ask() == 0;
        std::mem::replace(&mut self.repeats, true)
    }

    fn tried(&self) -> (u32, Instant) {
        self.upload.tries.tried()
    }

    fn again(&mut self, verdict: Verdict, retry_after: Option<Duration>, random: f64) -> Option<Duration> {
        let tries = &mut self.upload.tries;
        let tried = tries.failed.max(tries.throttles + 1);
        match verdict {
            Verdict::Gone if self.is_new => {
                return Some(retry_after.map_or(NEW_SESSION_PAUSE, |asked| asked.max(NEW_SESSION_PAUSE)));
            }
            Verdict::Throttled => tries.throttles += 1,
            verdict if verdict.may_pass() => tries.failed += 1,
            _ => return None,
        }
        let after = pause(retry_after, tried, random);
        (tries.failed < self.upload.options.max_attempts).then_some(after)
    }

    async fn pause(&mut self, pause: Pause, failure: Error) -> Result<(), Error> {
        let failure = self.first.take().unwrap_or_else(|| lost(failure));
        self.first = self.upload.pause(pause, Some(failure)).await?;
        Ok(())
    }
}

impl<T: Transport> Upload<'_, T> {
    /// Asks the service for its position until it tells. `failure` is what led here; without one, nothing was sent yet.
    pub(super) async fn ask(&mut self, after: Duration, failure: Option<Error>) -> Result<Step, Error> {
        let looking = failure.is_none();
        let pause = failure.as_ref().map_or(Pause::left_over(after), |failure| Pause::after(failure, after));
        let first = self.pause(pause, failure).await?;
        self.progress.enter(Phase::Asking);
        let (client, url) = (self.client, self.standing.session.upload_url.clone());
        let call = Call {
            with_token: self.profile.needs_token,
            ..Call::bare(Method::Get, url.expose(), Purpose::Ask)
        };
        let is_new = looking && self.fed_before.is_none();
        let mut asking = Asking { upload: self, is_new, repeats: false, first };
        let result = client.exchange(&call, &mut asking).await?;
        let first = asking.first;
        match result {
            Ok(response) => {
                // A success without a range list: on by our own count.
                if let Some(state) = response.object().and_then(|object| read_state(&object)) {
                    self.standing.accepted |= range::position(&state.missing, self.total()) > 0;
                    self.take_over(&state.missing)?;
                }
                Ok(Step::Put)
            }
            Err(Setback { verdict: Verdict::Gone, error: Error::Refused(refusal) }) => {
                Ok(self.lost(looking, session_lost(refusal)))
            }
            Err(Setback { verdict, error }) => {
                let error = if verdict.may_pass() { first.unwrap_or(error) } else { error };
                Err(self.tries.give_up(error))
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
}
