//! Before the first byte: can the session carry the file, and where does it stand?

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::UploadOptions;
use super::pace::Pace;
use super::standing::Standing;
use super::step::Step;
use super::tries::Tries;
use super::upload::Upload;
use crate::client::Client;
use crate::client::find::size_made_for;
use crate::error::Error;
use crate::family::Family;
use crate::net::Transport;
use crate::progress::Progress;
use crate::protocol::backoff::LONGEST;
use crate::protocol::plan;
use crate::protocol::session::Session;
use crate::source::FileSource;

/// Of a file that a writer could not be kept from.
const WRITTEN: &str = "another program has the file open to write: what it changes meanwhile is noticed by length, time and a few of the blocks, and may be missed";

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
        progress.limit_waits(options.wait_budget);
        let warnings = source.is_written().then(|| WRITTEN.to_owned()).into_iter().collect();
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
            recreated: false,
            claim: None,
            on_record: None,
            note_is_due: false,
            fed_before: None,
            warnings,
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
                // No service asks for more: it was noted by a clock that has been set back since.
                let left = Duration::try_from(left).ok().filter(|left| *left <= LONGEST);
                Step::Look { after: left.unwrap_or(Duration::ZERO) }
            }
            None if self.standing.session.position.is_none() => Step::Look { after: Duration::ZERO },
            None => Step::Put,
        }
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
