//! The upload's record: written before the first byte, gone on from where there is one.

use std::path::Path;

use jiff::Timestamp;
use tracing::warn;

use super::standing::{End, Known, Standing};
use super::upload::Upload;
use crate::client::Client;
use crate::error::Error;
use crate::journal::{Claim, Fed, Finished, Record, id_of};
use crate::net::Transport;
use crate::protocol::session::Session;
use crate::threads;

impl<T: Transport> Upload<'_, T> {
    /// Claims the session and writes its record. INVARIANT: no byte is sent to a session before it is on record; where
    /// no record can be kept, the upload goes on and says so. A session that has put a file in place takes no other: a new
    /// one, made in its stead, would put that in the place of the first.
    pub(super) async fn record(&mut self) -> Result<(), Error> {
        if !self.options.on_record {
            return Ok(());
        }
        let remembered = self.client.finished.of(self.standing.url());
        let Some(journal) = self.client.journal().cloned() else {
            let why = "no folder for them is known; MGUPLOAD_STATE can name one".to_owned();
            self.cannot_record(&Error::Journal { why });
            return self.unless_over(remembered);
        };
        // A single fragment is sent again in no time: its record need not outlive a power cut.
        let durable = self.total() > self.pace.chunk();
        let new = self.new_record();
        let url = self.standing.session.upload_url.clone();
        // The session was made again, and the service gave it the same URL: nothing was sent to it yet.
        let again = self.claim.take_if(|claim| claim.is_of(url.expose()));
        // Whoever gives up meanwhile leaves a record all the same.
        self.on_record = Some(id_of(url.expose()));
        let noted = remembered.clone().filter(|fed| fed.is_over).map(|fed| fed.file);
        let claimed = threads::in_journal(move || {
            let claim = again.map_or_else(|| journal.claim(url.expose()), Ok)?;
            write_first(claim, noted, new, durable)
        });
        let (mut claim, mut written, is_over) = match claimed.await.flatten() {
            Ok(claimed) => claimed,
            Err(error @ Error::Journal { .. }) => {
                self.cannot_record(&error);
                return self.unless_over(remembered);
            }
            Err(error) => {
                self.on_record = None;
                return Err(error);
            }
        };
        if let (Ok(false), Some(earlier)) = (&written, claim.record()) {
            self.go_on_from(earlier)?;
            let record = Record { position: earlier.position, ..self.new_record() };
            (claim, written) = threads::in_journal(move || {
                let written = claim.write(record, durable).map(|()| true);
                (claim, written)
            })
            .await?;
        }
        if let Err(error) = written {
            self.cannot_record(&error);
        }
        if is_over {
            self.look_first();
        }
        self.claim = Some(claim);
        Ok(())
    }

    /// The same without a record, by what this process remembers.
    fn unless_over(&mut self, remembered: Option<Fed>) -> Result<(), Error> {
        let Some(Fed { file, is_over, end_begun, began }) = remembered else { return Ok(()) };
        match file.samples.difference(self.source.samples()) {
            Some(_) if is_over => return Err(Error::Finished { path: file.path }),
            Some(why) if !self.options.force => return Err(self.another_file(&file.path, &why)),
            _ if is_over => self.look_first(),
            _ => {
                (self.standing.known, self.standing.began) = (Known::Before, began);
                self.fed_before = Some(Timestamp::MIN);
                if end_begun {
                    self.standing.end = End::Begun;
                }
            }
        }
        Ok(())
    }

    /// Keeps in mind what the session was fed with, where it may be fed again.
    pub(super) fn remember(&self, is_over: bool) {
        if !self.options.on_record {
            return;
        }
        let Standing { end, reach, began, .. } = self.standing;
        let (url, finished) = (self.standing.url(), &self.client.finished);
        if is_over || finished.of(url).is_none_or(|fed| !fed.is_over) {
            let file =
                Finished { path: self.source.path().to_owned(), samples: self.source.samples().clone() };
            let end_begun = end != End::Ahead || reach == self.total() || self.profile.parallel > 1;
            finished.note(url, Fed { file, is_over, end_begun, began });
        }
    }

    /// The session holds a part of another file, or of this one as it was.
    fn another_file(&self, first: &Path, why: &str) -> Error {
        let own = self.source.path();
        if own != first && !self.options.is_copy {
            return Error::InvalidInput(format!(
                "this session holds a part of the file '{}', and takes no other: make one of its own for '{}'",
                first.display(),
                own.display()
            ));
        }
        let why = format!("{why}; this session holds a part of the file as it was: begin with a new one");
        Error::SourceChanged { path: own.to_owned(), why }
    }

    /// The session is over, with this very file: it is looked for where it should be.
    fn look_first(&mut self) {
        self.standing.end = End::Begun;
        self.fed_before = Some(Timestamp::MIN);
    }

    fn cannot_record(&mut self, error: &Error) {
        self.on_record = None;
        self.warnings.push(format!("{error}; this upload cannot be resumed after a crash"));
    }

    fn new_record(&self) -> Record {
        let Standing { session, began, .. } = &self.standing;
        Record {
            samples: self.source.samples().clone(),
            is_copy: self.options.is_copy,
            chunk: self.pace.chunk(),
            position: self.standing.stored(),
            end_begun: self.standing.end == End::Begun
                || self.profile.parallel > 1
                || self.total() <= self.pace.chunk(),
            not_before: self.fed_before.filter(|until| *until > self.client.clock.now()),
            ..Record::of(session, self.client.owner_of(session), self.source.path(), *began)
        }
    }

    /// Takes over what an earlier upload to the same session has left on record.
    fn go_on_from(&mut self, earlier: &Record) -> Result<(), Error> {
        let session = &mut self.standing.session;
        if earlier.belongs_to(self.client.endpoint()) {
            session.origin = session.origin.take().or_else(|| earlier.origin.clone());
        }
        session.expires = session.expires.take().or_else(|| earlier.expires.clone());
        if earlier.samples.is_unknown() {
            return Ok(());
        }
        if let Some(why) = earlier.samples.difference(self.source.samples()).filter(|_| !self.options.force) {
            return Err(self.another_file(&earlier.path, &why));
        }
        self.standing.known = Known::Before;
        if earlier.end_begun {
            self.standing.end = End::Begun;
        }
        self.fed_before = Some(earlier.not_before.unwrap_or(Timestamp::MIN));
        self.standing.began = earlier.created.parse().unwrap_or(self.standing.began);
        Ok(())
    }

    /// Has a thread do what writes to the journal. Where that takes for ever, the upload goes on without a record.
    pub(super) async fn with_claim(&mut self, work: impl FnOnce(&mut Claim) + Send + 'static) {
        let Some(mut claim) = self.claim.take() else { return };
        let done = threads::in_journal(move || {
            work(&mut claim);
            claim
        });
        match done.await {
            Ok(claim) => self.claim = Some(claim),
            // What was written before stays.
            Err(error) => self.warnings.push(error.to_string()),
        }
    }
}

/// Writes a claim's first record, unless it has one already or its session has put another file in place; whether it was
/// the first one, and whether the session has put this file in place. Blocks.
fn write_first(
    mut claim: Claim,
    noted: Option<Finished>,
    new: Record,
    durable: bool,
) -> Result<(Claim, Result<bool, Error>, bool), Error> {
    let first = claim.finished().or(noted);
    if let Some(other) = first.as_ref().filter(|first| first.samples.difference(&new.samples).is_some()) {
        let path = other.path.clone();
        claim.forget();
        return Err(Error::Finished { path });
    }
    let is_new = claim.record().is_none();
    let written = if is_new { claim.write(new, durable) } else { Ok(()) };
    Ok((claim, written.map(|()| is_new), first.is_some()))
}

/// Puts a session on record that nothing was sent to: its URL, which nobody can look up, may be nowhere else, and as long
/// as it lives it may block the file's name. It stays until it expires; one that tells no time is left to who has it, and one
/// that has put its file in place is over. Returns the id of the record.
pub(super) async fn keep<T: Transport>(client: &Client<T>, session: &Session, path: &Path) -> Option<String> {
    let journal = client.journal().cloned()?;
    let (url, now) = (session.upload_url.clone(), client.clock.now());
    let is_over = client.finished.of(url.expose()).is_some_and(|fed| fed.is_over);
    let new = session.life_left(now).filter(|left| !left.is_zero() && !is_over);
    let new = new.map(|_| Record::of(session, client.owner_of(session), path, now));
    let kept = threads::in_journal(move || {
        let mut claim = journal.claim(url.expose())?;
        if claim.record().is_none() {
            let Some(new) = new.filter(|_| claim.finished().is_none()) else {
                claim.forget();
                return Ok(None);
            };
            claim.write(new, false)?;
        }
        Ok(claim.record().map(|record| record.id.clone()))
    });
    kept.await.flatten().unwrap_or_else(|error: Error| {
        warn!(%error, "an unused session could not be put on record");
        None
    })
}
