//! After the last byte: a commit where one is due, the comparison of what arrived with what was sent, the summary.

use quick_xor_hash::QuickXor;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::upload::Upload;
use super::{Outcome, RELEASE_LIMIT, Uploaded};
use crate::client::find::Found;
use crate::error::Error;
use crate::net::Transport;
use crate::progress::Phase;
use crate::protocol::item::{self, Integrity};
use crate::shown::visible;
use crate::source::ContentHash;

/// An upload whose bytes have all arrived.
pub(super) struct Arrived {
    outcome: Outcome,
    /// What was sent, where that is of use.
    content: Option<ContentHash>,
}

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
        match self.client.put_in_place(&self.standing.session, None, &self.progress).await {
            Ok(item) => Ok(item),
            Err(error) => match self.find_at_destination().await? {
                Found::Item(item) => Ok(item),
                Found::Nothing | Found::Unknown(_) => Err(error),
            },
        }
    }

    /// Sees to it that what arrived is in place. From here on the outcome is known: the record goes.
    pub(super) async fn arrive(&mut self, mut outcome: Outcome) -> Result<Arrived, Error> {
        self.progress.enter(Phase::Verifying);
        if !outcome.committed && !self.options.defer_commit {
            outcome.item = Some(self.commit().await?);
            outcome.committed = true;
        }
        if !outcome.committed {
            let length = self.total();
            self.with_claim(move |claim| claim.note_complete(length)).await;
        }
        if outcome.committed || self.claim.is_none() {
            self.remember(true);
        }
        let content = if self.is_hashed() { Some(self.content().await?) } else { None };
        if let Some(claim) = self.claim.take_if(|_| outcome.committed) {
            self.client.finish(Some(claim)).await;
            self.on_record = None;
        }
        // The file is in place: what cannot be found out any more is no failure.
        let replaced = tokio::time::timeout(RELEASE_LIMIT, self.source.is_replaced()).await;
        if matches!(replaced, Ok(Ok(true))) {
            self.warn(&format!(
                "another file took the name '{}' during the upload: what arrived is the one that was there when it began",
                self.source.path().display()
            ));
        }
        Ok(Arrived { outcome, content })
    }

    /// Compares what arrived with what was sent, and sums up. `cancel` ends the wait for a late hash, nothing else: the
    /// file is in place.
    pub(super) async fn sum_up(
        &mut self,
        arrived: Arrived,
        cancel: &CancellationToken,
    ) -> Result<Uploaded, Error> {
        let Arrived { outcome: Outcome { mut item, location, status, headers, committed }, content } =
            arrived;
        let sent = content.as_ref().filter(|_| self.profile.has_hash).map(|content| &content.quick_xor);
        if sent.is_some()
            && let Some(silent) = item.as_ref().filter(|item| item::reported_hash(item).is_none())
            && let Some(told) = cancel.run_until_cancelled(self.wait_for_hash(silent)).await.flatten()
        {
            item = Some(told);
        }
        let integrity = match (&item, sent) {
            (Some(item), Some(sent)) => item::verdict(item, sent),
            _ => Integrity::NotReported,
        };
        if item.as_ref().is_some_and(item::has_malware) {
            self.warn("the service has found malware in the file: it is there, and nobody can open it");
        }
        let service_hash = item.as_ref().and_then(item::reported_hash).map(str::to_owned);
        let hash = sent.map(QuickXor::base64);
        if integrity == Integrity::Mismatch {
            return Err(Error::IntegrityMismatch {
                item: item.unwrap_or_default(),
                sent: hash.unwrap_or_default(),
                reported: service_hash.as_deref().map_or_else(|| "of another size".into(), visible),
            });
        }
        Ok(Uploaded {
            path: self.source.path().to_owned(),
            family: self.standing.session.family,
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
