//! Where the service stands: its word, taken over, shown and noted.

use super::Outcome;
use super::fragment::Sent;
use super::standing::{End, Known};
use super::step::Step;
use super::upload::Upload;
use crate::error::Error;
use crate::net::Transport;
use crate::protocol::meaning::State;
use crate::protocol::range::{self, ByteRange, Missing, to_the_end};
use crate::response::Response;

impl<T: Transport> Upload<'_, T> {
    /// Takes over what the answer to a PUT says.
    pub(super) fn advance(&mut self, sent: Sent, state: &State, response: Response) -> Result<Step, Error> {
        if !self.standing.in_order() {
            // Answers overtake each other: each is only sure to know its own fragment.
            if !sent.is_whole() {
                return Ok(self.unclear(sent.range, "an answer before the bytes were sent", response));
            }
            self.standing.accepted = true;
            self.standing.known = Known::Assumed;
            self.pace.took(sent.range.len(), sent.time);
            return self.stored(sent.range, response);
        }
        if state.missing.is_empty() && sent.is_whole() && sent.range.end() == self.total() {
            self.progress.set_position(self.total(), self.total());
            let Response { status, headers, .. } = response;
            return Ok(self.complete(Outcome { status: Some(status), headers, ..Outcome::default() }));
        }
        let position = range::position(&state.missing, self.total());
        if position > sent.reach && !sent.is_whole() {
            return Ok(self.unclear(sent.range, "an answer before the bytes were sent", response));
        }
        if state.missing.is_empty() || position <= sent.range.first {
            // It says that it stored the bytes and still lacks them, or lacks none though some were never sent.
            return Ok(self.unclear(sent.range, "a position that did not move", response));
        }
        self.standing.accepted = true;
        if state.expires.is_some() {
            self.standing.session.expires.clone_from(&state.expires);
        }
        self.take_over(&state.missing)?;
        if position < sent.range.end() {
            return Ok(self.taken_in_part(sent.range, response));
        }
        self.pace.took(sent.range.len(), sent.time);
        self.unless_trickle(response)
    }

    /// A fragment of which the service has kept a part. A decent one is progress, and begins the count again.
    fn taken_in_part(&mut self, range: ByteRange, response: Response) -> Step {
        if self.tries.has_progressed() {
            return Step::Put;
        }
        self.unclear(range, "a position a few bytes on, however many were sent", response)
    }

    /// Takes a fragment for stored.
    pub(super) fn stored(&mut self, range: ByteRange, response: Response) -> Result<Step, Error> {
        self.lacks(range::without(&self.standing.missing, range));
        self.unless_trickle(response)
    }

    /// Goes on, unless it has gone on by next to nothing for too long.
    fn unless_trickle(&mut self, response: Response) -> Result<Step, Error> {
        if self.tries.is_trickle() {
            return Err(self.unexpected("a few bytes at a time", response));
        }
        Ok(Step::Put)
    }

    /// Goes on from where the service says it is. INVARIANT: it is never ahead of what this upload has sent, unless a
    /// record shows that an earlier upload has sent more of this very file.
    pub(super) fn take_over(&mut self, missing: &[Missing]) -> Result<(), Error> {
        let total = self.total();
        let position = range::position(missing, total);
        let in_order = self.standing.in_order();
        if position > total && in_order {
            return Err(self.elsewhere(position, &format!("of a file of {total} bytes")));
        }
        if position > self.standing.reach && self.standing.known != Known::Before && in_order {
            if missing.is_empty() && self.standing.has_commit() {
                return Err(Error::NotCommitted);
            }
            return Err(self.elsewhere(position, &format!("where {} bytes were sent", self.standing.reach)));
        }
        let now = if in_order { to_the_end(position, total) } else { range::gaps(missing, total) };
        self.standing.known = Known::Told;
        self.standing.reached(position);
        self.standing.forget_redirects();
        if self.standing.end == End::Premature {
            // It has thought better of it.
            self.standing.end = End::Ahead;
        }
        self.lacks(now);
        Ok(())
    }

    /// The session was fed by somebody else, with who knows what; or, where an earlier upload of this file has fed it, the service had
    /// told less than it has.
    fn elsewhere(&mut self, position: u64, of: &str) -> Error {
        if self.fed_before.is_none() {
            self.standing.known = Known::Elsewhere;
        }
        Error::RangeRejected(format!(
            "the service is at byte {position} {of}: this session holds bytes from elsewhere"
        ))
    }

    /// Takes over what is missing.
    fn lacks(&mut self, missing: Vec<ByteRange>) {
        let gained = self.standing.lacks(missing);
        self.tries.gain(gained, self.pace.chunk());
        self.note();
    }

    /// Shows, and takes note of, how far the upload has come.
    fn note(&mut self) {
        self.show_position();
        if let Some(claim) = &mut self.claim {
            let expires = self.standing.session.expires.as_deref();
            self.note_is_due |= claim.note(self.standing.stored(), expires);
        }
    }

    pub(super) fn show_position(&self) {
        self.progress.set_position(self.standing.stored(), self.total());
    }
}
