//! After the last byte: a commit where one is due, the comparison of what arrived with what was sent, the summary.

use serde_json::{Map, Value};

use super::destination::Found;
use super::upload::Upload;
use super::verify::{self, Integrity};
use super::{Outcome, Uploaded};
use crate::error::Error;
use crate::progress::Phase;
use crate::quick_xor::QuickXor;
use crate::source::ContentHash;
use crate::transport::Transport;

impl<T: Transport> Upload<'_, T> {
    /// Whether the file's hash is of any use.
    fn is_hashed(&self) -> bool {
        self.profile.has_hash || self.options.sha256
    }

    /// Hashes what an earlier upload has sent, so that the rest can be hashed as it passes.
    pub(super) async fn hash_before(&self, position: u64) -> Result<(), Error> {
        if self.is_hashed() { self.source.hash_up_to(position).await } else { Ok(()) }
    }

    /// The hash of the whole file.
    pub(super) async fn content(&self) -> Result<ContentHash, Error> {
        self.source.hash_up_to(self.total()).await?;
        Ok(self.source.hash())
    }

    /// Has a complete session put in place. Where the answer to that was lost, the destination tells.
    async fn commit(&self) -> Result<Map<String, Value>, Error> {
        match self.client.put_in_place(&self.session, None, &self.progress).await {
            Ok(item) => Ok(item),
            Err(error) => match self.find_at_destination().await? {
                Found::Item(item) => Ok(item),
                Found::Nothing | Found::Unknown(_) => Err(error),
            },
        }
    }

    /// Compares what arrived with what was sent, and sums up.
    pub(super) async fn finish(&mut self, outcome: Outcome) -> Result<Uploaded, Error> {
        self.progress.enter(Phase::Verifying);
        let Outcome { mut item, location, status, headers, mut committed } = outcome;
        if !committed && !self.options.defer_commit {
            item = Some(self.commit().await?);
            committed = true;
        }
        if let Some(claim) = self.claim.as_mut().filter(|_| !committed) {
            claim.note_complete(self.source.len());
        }
        let content = if self.is_hashed() { Some(self.content().await?) } else { None };
        let sent = content.as_ref().filter(|_| self.profile.has_hash).map(|content| &content.quick_xor);
        if let Some(claim) = self.claim.take_if(|_| committed) {
            claim.forget();
        }
        if sent.is_some()
            && let Some(silent) = item.as_ref().filter(|item| verify::reported_hash(item).is_none())
            && let Some(told) = self.wait_for_hash(silent).await
        {
            item = Some(told);
        }
        let integrity = match (&item, sent) {
            (Some(item), Some(sent)) => verify::verdict(item, sent),
            _ => Integrity::NotReported,
        };
        let service_hash = item.as_ref().and_then(verify::reported_hash).map(str::to_owned);
        let hash = sent.map(QuickXor::base64);
        if integrity == Integrity::Mismatch {
            return Err(Error::IntegrityMismatch {
                sent: hash.unwrap_or_default(),
                reported: service_hash.unwrap_or_else(|| "of another size".into()),
            });
        }
        Ok(Uploaded {
            path: self.source.path().to_owned(),
            family: self.session.family,
            length: self.total(),
            item,
            location,
            status,
            headers,
            committed,
            hash,
            sha256: content.and_then(ContentHash::sha256),
            service_hash,
            integrity,
            elapsed: self.started.elapsed(),
            warnings: std::mem::take(&mut self.warnings),
        })
    }
}
