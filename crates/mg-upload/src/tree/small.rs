//! A file of a single fragment: the job's record knows of its session, and nobody goes on with that.

use std::path::Path;
use std::sync::Arc;

use tracing::warn;

use super::found::as_found;
use super::row::Row;
use super::run::{Job, Open, Run};
use crate::engine::UploadOptions;
use crate::error::Error;
use crate::net::Transport;
use crate::progress::Progress;
use crate::protocol::create::destination_of;
use crate::protocol::session::{CreateRequest, Session};
use crate::secret::Secret;
use crate::source::{FileSource, Opening, Released};
use crate::threads;

impl<T: Transport> Run<'_, T> {
    /// Sends it. Its session is noted before the first byte leaves.
    pub async fn send_small(
        &self,
        job: &Job,
        request: &CreateRequest,
        session: Session,
        progress: Arc<Progress>,
    ) -> Result<Row, Error> {
        let Some(at) = destination_of(request) else {
            return Err(Error::Unexpected("a request without a place".into()));
        };
        let url = session.upload_url.clone();
        let options = UploadOptions { on_record: false, ..UploadOptions::default() };
        let source = self.note_and_open((&at, &url), &job.path, options.opening()).await;
        let source = (job.path.as_path(), as_found(job, source));
        let uploaded = self.client.upload_opened(session, source, options, progress, self.cancel).await;
        match &uploaded {
            Ok(_) => self.closed(&at),
            Err(_) => drop(self.open().insert(at, Open::Small(url))),
        }
        self.ended(job, request, uploaded)
    }

    /// Notes a session, and has its file opened.
    async fn note_and_open(
        &self,
        (at, url): (&str, &Secret),
        path: &Path,
        opening: Opening,
    ) -> impl Future<Output = Result<(Arc<FileSource>, Released), Error>> {
        let buffers = || Arc::clone(&self.client.buffers);
        let (notes, at, url) = (self.notes.clone(), at.to_owned(), url.clone());
        let note = move || notes.map_or(Ok(()), |notes| notes.opened(&at, &url));
        let (own, pool) = (path.to_owned(), buffers());
        let open = move || FileSource::open_here(&own, opening, pool);
        let (noted, opened) = threads::in_journal_then(note, open).await;
        if let Err(error) = noted.flatten() {
            warn!(%error, "the job's record lacks a note");
        }
        async move {
            match opened.await {
                Some(opened) => opened,
                None => FileSource::open(path, opening, buffers()).await,
            }
        }
    }
}
