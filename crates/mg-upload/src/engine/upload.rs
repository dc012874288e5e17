//! One upload, from its first fragment to its end: a small machine of steps.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing::warn;

use super::UploadOptions;
use super::finish::Arrived;
use super::pace::Pace;
use super::standing::Standing;
use super::step::Step;
use super::tries::Tries;
use crate::client::Client;
use crate::error::{Error, Trail};
use crate::family::Profile;
use crate::journal::Claim;
use crate::net::{Method, Transport};
use crate::progress::Progress;
use crate::progress::pause::Pause;
use crate::response::Response;
use crate::secret::redacted;
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
                Step::Ask { after, failure } => self.ask(after, Some(failure)).await?,
                Step::Look { after } => self.ask(after, None).await?,
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

    /// A success in answer to a PUT that is none.
    pub(super) fn unexpected(&self, what: &'static str, response: Response) -> Error {
        let (attempts, since) = self.tries.tried();
        let trail = Trail {
            method: Method::Put.name(),
            target: redacted(self.standing.url()),
            with_token: self.profile.needs_token,
            attempts,
            elapsed: since.elapsed(),
        };
        Error::UnexpectedAnswer { what, response: Box::new(response), trail }
    }
}
