//! What a run begins with: its record, and the uploads that earlier ones have left.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use tracing::warn;

use super::request::TreeRequest;
use super::resolve::Root;
use super::run::Open;
use crate::client::Client;
use crate::error::Error;
use crate::journal::{Job as TreeJob, Notes, Record, job_id};
use crate::net::Transport;
use crate::protocol::create::destination_of;
use crate::threads;

impl<T: Transport> Client<T> {
    /// Puts the job on record. Where none can be kept, the work is done without; where another process does it, it is not.
    pub(super) async fn begin_job(
        &self,
        request: &TreeRequest,
        root: &Root,
    ) -> Result<Option<Arc<Notes>>, Error> {
        let Some(journal) = self.journal().filter(|_| !request.dry_run).cloned() else { return Ok(None) };
        let folder = root.folder.as_deref().unwrap_or_default();
        let sources = json!([request.sources, request.shard]).to_string();
        let job = TreeJob {
            version: 0,
            id: job_id(&[self.endpoint(), &root.drive, folder, &sources]),
            endpoint: self.endpoint().to_owned(),
            created: self.clock.now().to_string(),
            request: json!(request),
            destination: root.report(),
        };
        match threads::in_journal(move || journal.begin_tree(job)).await.flatten() {
            Ok(notes) => Ok(Some(Arc::new(notes))),
            Err(error @ Error::Journal { .. }) => {
                warn!(%error, "the tree is not on record");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The drives' files that the journal has on record, by where they go.
    pub(super) async fn open_files(&self, dry: bool) -> Result<HashMap<String, Open>, Error> {
        if dry {
            return Ok(HashMap::new());
        }
        let own = match self.own_uploads().await {
            Err(error @ Error::Journal { .. }) => {
                warn!(%error, "what earlier runs have left is not known");
                Vec::new()
            }
            own => own?,
        };
        let open = own.into_iter().filter_map(|Record { id, path, origin, .. }| {
            Some((destination_of(origin.as_ref()?)?, Open::OnRecord { id, path }))
        });
        Ok(open.collect())
    }
}
