//! Where the service stands: its word, taken over, shown and noted.

use super::Outcome;
use super::step::Step;
use super::upload::Upload;
use crate::answer::{Answer, State};
use crate::decide::Failure;
use crate::error::Error;
use crate::plan;
use crate::range::{self, ByteRange, Missing, to_the_end};
use crate::transport::Transport;

impl<T: Transport> Upload<'_, T> {
    /// Takes over what the answer to a PUT says.
    pub(super) fn advance(&mut self, sent: ByteRange, state: &State, answer: Answer) -> Result<Step, Error> {
        if self.profile.parallel > 1 {
            // Answers overtake each other: each is only sure to know its own fragment.
            self.accepted = true;
            self.told = false;
            self.lacks(range::without(&self.missing, sent));
            return Ok(Step::Put);
        }
        if state.missing.is_empty() && sent.end() == self.total() {
            self.progress.set_position(self.total(), self.total());
            let Answer { status, headers, .. } = answer;
            return Ok(self.complete(Outcome { status: Some(status), headers, ..Outcome::default() }));
        }
        if state.missing.is_empty() || range::position(&state.missing, self.total()) <= sent.first {
            // It says that it stored the bytes and still lacks them, or lacks none though some were never sent.
            self.attempt += 1;
            let failure = self.unexpected("a position that did not move", answer);
            return Ok(self.act(Failure::NoAnswer, sent, failure));
        }
        self.accepted = true;
        if state.expires.is_some() {
            self.session.expires.clone_from(&state.expires);
        }
        self.take_over(&state.missing)?;
        Ok(Step::Put)
    }

    /// Goes on from where the service says it is. INVARIANT: it is never ahead of what this upload has sent, unless a
    /// record shows that an earlier upload has sent more of this very file.
    pub(super) fn take_over(&mut self, missing: &[Missing]) -> Result<(), Error> {
        let now = if self.profile.parallel > 1 {
            range::gaps(missing, self.total())
        } else {
            to_the_end(range::position(missing, self.total()), self.total())
        };
        let position = |gaps: &[ByteRange]| gaps.first().map_or(self.total(), |gap| gap.first);
        let sent = match plan::next(&self.missing, self.chunk, 1).first() {
            Some(range) if self.first_refused => range.first,
            Some(range) => range.end(),
            None => self.total(),
        };
        if position(&now) > sent && !self.may_be_ahead && self.profile.parallel == 1 {
            return Err(Error::RangeRejected(format!(
                "the service is at byte {} where {sent} bytes were sent: this session holds bytes from elsewhere",
                position(&now)
            )));
        }
        self.told = true;
        self.may_be_ahead = false;
        self.first_refused = false;
        self.lacks(now);
        Ok(())
    }

    /// Takes over what is missing. Less than ever is progress: it starts the count of attempts again.
    pub(super) fn lacks(&mut self, missing: Vec<ByteRange>) {
        self.missing = missing;
        let left = range::bytes(&self.missing);
        if left < self.least_missing {
            self.least_missing = left;
            self.attempt = 0;
            self.throttles = 0;
        }
        self.redirect = None;
        self.note();
    }

    /// Shows and notes how far the upload has come.
    pub(super) fn note(&mut self) {
        self.show_position();
        let stored = self.total() - range::bytes(&self.missing);
        if let Some(claim) = &mut self.claim {
            claim.note(stored, self.session.expires.as_deref());
        }
    }

    pub(super) fn show_position(&self) {
        let total = self.total();
        self.progress.set_position(total - range::bytes(&self.missing), total);
    }
}
