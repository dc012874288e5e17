//! Before the first byte: can the session carry the file, who else feeds it, where does it stand?

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::UploadOptions;
use super::upload::{Step, Upload};
use crate::client::Client;
use crate::error::Error;
use crate::family::{Family, Profile};
use crate::journal::{Record, VERSION as RECORD_VERSION, id_of};
use crate::plan;
use crate::progress::Progress;
use crate::range::{self, to_the_end};
use crate::session::{CreateRequest, Session};
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
            check_window(&source, profile)?;
        }
        let (position, total) = (session.position.min(source.len()), source.len());
        progress.set_position(position, total);
        let now = Instant::now();
        Ok(Upload {
            client,
            profile,
            source,
            options,
            progress,
            chunk,
            missing: to_the_end(position, total),
            told: false,
            accepted: position > 0,
            session,
            started: now,
            attempt: 0,
            throttles: 0,
            may_be_ahead: false,
            first_refused: false,
            waited: Duration::ZERO,
            end_begun: false,
            end_unclear: false,
            recreated: false,
            redirect: None,
            began: client.clock.now(),
            least_missing: total - position,
            fragment_started: now,
            claim: None,
            fed_before: None,
            warnings: Vec::new(),
        })
    }

    /// Where an earlier upload has fed the session, the service is asked first, and not before it wants to be.
    pub(super) fn first_step(&self) -> Step {
        if self.total() == 0 {
            return Step::Empty;
        }
        match self.fed_before {
            Some(not_before) => {
                let left = not_before.duration_since(self.client.clock.now());
                Step::Look { after: Duration::try_from(left).unwrap_or(Duration::ZERO) }
            }
            None => Step::Put,
        }
    }

    /// Claims the session and writes its record. INVARIANT: no byte is sent to a session before it is on record; where
    /// no record can be kept, the upload goes on and says so.
    pub(super) async fn record(&mut self) -> Result<(), Error> {
        let Some(journal) = self.client.journal() else { return Ok(()) };
        let mut claim = match journal.claim(self.session.upload_url.expose()) {
            Ok(claim) => claim,
            Err(error @ Error::Journal { .. }) => {
                self.warnings.push(format!("{error}; this upload cannot be resumed after a crash"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let samples = self.source.samples()?;
        let earlier = claim.record().cloned();
        if let Some(earlier) = &earlier {
            if let Some(why) = earlier.samples.difference(&samples).filter(|_| !self.options.force) {
                let why =
                    format!("{why}; this session holds a part of the file as it was: begin with a new one");
                return Err(Error::SourceChanged { path: self.source.path().to_owned(), why });
            }
            self.may_be_ahead = true;
            self.end_begun = earlier.end_begun;
            self.fed_before = Some(earlier.not_before.unwrap_or(Timestamp::MIN));
            self.began = earlier.created.parse().unwrap_or(self.began);
            self.session.origin = self.session.origin.take().or_else(|| earlier.origin.clone());
            self.session.expires = self.session.expires.take().or_else(|| earlier.expires.clone());
        }
        let stored = self.total() - range::bytes(&self.missing);
        let record = Record {
            version: RECORD_VERSION,
            id: id_of(self.session.upload_url.expose()),
            upload_url: self.session.upload_url.expose().to_owned(),
            family: self.session.family,
            endpoint: self.client.endpoint().to_owned(),
            origin: self.session.origin.as_ref().map(CreateRequest::without_token),
            expires: self.session.expires.clone(),
            created: self.began.to_string(),
            path: self.source.path().to_owned(),
            samples,
            chunk: self.chunk,
            position: earlier.as_ref().map_or(stored, |earlier| earlier.position),
            end_begun: self.end_begun || self.profile.parallel > 1 || self.total() <= self.chunk,
            not_before: self.fed_before.filter(|until| *until > self.client.clock.now()),
        };
        // A single fragment is sent again in no time: its record need not outlive a power cut.
        let durable = self.total() > self.chunk;
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

/// Refuses a file that this kind of session cannot carry, and says what can.
fn check_window(source: &FileSource, profile: &Profile) -> Result<(), Error> {
    let (least, most) = profile.window;
    let (path, len) = (source.path().display(), source.len());
    if len < least {
        return Err(Error::InvalidInput(format!(
            "the file '{path}' has {len} bytes, and a session for {} carries {least} at least: {}",
            profile.noun, profile.below_window
        )));
    }
    if len > most {
        return Err(Error::InvalidInput(format!(
            "the file '{path}' has {len} bytes, and {} takes {most} at most: {}",
            profile.noun, profile.above_window
        )));
    }
    Ok(())
}
