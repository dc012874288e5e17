//! Before the first byte: can the session carry the file, who else feeds it, where does it stand?

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::UploadOptions;
use super::destination::size_made_for;
use super::pace::Pace;
use super::standing::{End, Known, Standing};
use super::step::Step;
use super::tries::Tries;
use super::upload::Upload;
use crate::client::Client;
use crate::error::Error;
use crate::family::Family;
use crate::journal::{Record, Samples};
use crate::plan;
use crate::progress::Progress;
use crate::session::Session;
use crate::source::FileSource;
use crate::transport::Transport;

impl<'c, T: Transport> Upload<'c, T> {
    /// Checks that the session can carry the file. Sends nothing.
    pub(super) fn new(
        client: &'c Client<T>,
        session: Session,
        source: Arc<FileSource>,
        options: UploadOptions,
        progress: Arc<Progress>,
    ) -> Result<Self, Error> {
        let profile = session.family.profile();
        let chunk = plan::chunk_size(options.chunk, profile)
            .map_err(|error| Error::InvalidInput(error.to_string()))?;
        let may_be_empty = session.family == Family::Drive && session.origin.is_some() && client.has_token();
        if source.len() > 0 || !may_be_empty {
            check_window(&source, session.family)?;
        }
        check_made_for(&session, &source)?;
        let standing = Standing::new(session, source.len(), client.clock.now());
        progress.set_position(standing.stored(), source.len());
        Ok(Upload {
            client,
            profile,
            source,
            options,
            progress,
            started: Instant::now(),
            standing,
            tries: Tries::new(),
            pace: Pace::new(chunk, profile),
            waited: Duration::ZERO,
            recreated: false,
            claim: None,
            fed_before: None,
            warnings: Vec::new(),
        })
    }

    /// Where an earlier upload has fed the session, the service is asked first, and not before it wants to be; so it is where
    /// nobody knows what it has.
    pub(super) fn first_step(&self) -> Step {
        if self.total() == 0 {
            return Step::Empty;
        }
        match self.fed_before {
            Some(not_before) => {
                let left = not_before.duration_since(self.client.clock.now());
                Step::Look { after: Duration::try_from(left).unwrap_or(Duration::ZERO) }
            }
            None if self.standing.session.position.is_none() => Step::Look { after: Duration::ZERO },
            None => Step::Put,
        }
    }

    /// What the file is like. All of a copy is read for that, and by a thread.
    async fn samples(&self) -> Result<Samples, Error> {
        if !self.options.is_copy {
            return self.source.samples(false);
        }
        let source = Arc::clone(&self.source);
        let samples = tokio::task::spawn_blocking(move || source.samples(true)).await;
        samples.map_err(|error| Error::Unexpected(error.to_string()))?
    }

    /// Claims the session and writes its record. INVARIANT: no byte is sent to a session before it is on record; where
    /// no record can be kept, the upload goes on and says so.
    pub(super) async fn record(&mut self) -> Result<(), Error> {
        let Some(journal) = self.client.journal() else { return Ok(()) };
        let mut claim = match journal.claim(self.standing.url()) {
            Ok(claim) => claim,
            Err(error @ Error::Journal { .. }) => {
                self.warnings.push(format!("{error}; this upload cannot be resumed after a crash"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let samples = self.samples().await?;
        let mut position = self.standing.stored();
        if let Some(earlier) = claim.record() {
            let session = &mut self.standing.session;
            session.origin = session.origin.take().or_else(|| earlier.origin.clone());
            session.expires = session.expires.take().or_else(|| earlier.expires.clone());
        }
        if let Some(earlier) = claim.record().filter(|earlier| !earlier.samples.is_unknown()) {
            if let Some(why) = earlier.samples.difference(&samples).filter(|_| !self.options.force) {
                let why =
                    format!("{why}; this session holds a part of the file as it was: begin with a new one");
                return Err(Error::SourceChanged { path: self.source.path().to_owned(), why });
            }
            self.standing.known = Known::Before;
            if earlier.end_begun {
                self.standing.end = End::Begun;
            }
            self.fed_before = Some(earlier.not_before.unwrap_or(Timestamp::MIN));
            self.standing.began = earlier.created.parse().unwrap_or(self.standing.began);
            position = earlier.position;
        }
        let record = Record {
            samples,
            is_copy: self.options.is_copy,
            chunk: self.pace.chunk(),
            position,
            end_begun: self.standing.end == End::Begun
                || self.profile.parallel > 1
                || self.total() <= self.pace.chunk(),
            not_before: self.fed_before.filter(|until| *until > self.client.clock.now()),
            ..Record::of(
                &self.standing.session,
                self.client.endpoint(),
                self.source.path(),
                self.standing.began,
            )
        };
        // A single fragment is sent again in no time: its record need not outlive a power cut.
        let durable = self.total() > self.pace.chunk();
        let written = if durable {
            // Waiting for the disk is nothing that other uploads should wait for.
            let write = move || (claim.write(record, true), claim);
            let done = tokio::task::spawn_blocking(write).await;
            let (written, back) = done.map_err(|error| Error::Unexpected(error.to_string()))?;
            claim = back;
            written
        } else {
            claim.write(record, false)
        };
        if let Err(error) = written {
            self.warnings.push(format!("{error}; this upload cannot be resumed after a crash"));
        }
        self.claim = Some(claim);
        Ok(())
    }
}

/// Puts a session on record that nothing was sent to: its URL, which nobody can look up, may be nowhere else.
pub(super) fn keep<T: Transport>(client: &Client<T>, session: &Session, path: &Path, progress: &Progress) {
    let Some(mut claim) =
        client.journal().and_then(|journal| journal.claim(session.upload_url.expose()).ok())
    else {
        return;
    };
    if claim.record().is_none() {
        let record = Record::of(session, client.endpoint(), path, client.clock.now());
        if let Err(error) = claim.write(record, false) {
            warn!(%error, "an unused session could not be put on record");
        }
    }
    if let Some(record) = claim.record() {
        progress.leave_open(&record.id);
    }
}

/// Refuses a file of another size than the one that the session was made for: the service takes no other.
fn check_made_for(session: &Session, source: &FileSource) -> Result<(), Error> {
    match session.origin.as_ref().and_then(size_made_for) {
        Some(made) if made != source.len() => Err(Error::InvalidInput(format!(
            "this session was made for {made} bytes, and the file '{}' has {}: make one with the file's size",
            source.path().display(),
            source.len()
        ))),
        _ => Ok(()),
    }
}

/// Refuses a file that this kind of session cannot carry, and says what can.
fn check_window(source: &FileSource, family: Family) -> Result<(), Error> {
    let profile = family.profile();
    let (least, most) = profile.window;
    let (path, len) = (source.path().display(), source.len());
    if len < least {
        let why = format!(
            "the file '{path}' has {len} bytes, and a session for {} carries {least} at least: {}",
            profile.noun, profile.below_window
        );
        return Err(Error::WrongSize { family, too_large: false, why });
    }
    if len > most {
        let why = format!(
            "the file '{path}' has {len} bytes, and {} takes {most} at most: {}",
            profile.noun, profile.above_window
        );
        return Err(Error::WrongSize { family, too_large: true, why });
    }
    Ok(())
}
