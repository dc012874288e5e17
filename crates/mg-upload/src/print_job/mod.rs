//! A file on its way to a printer: a job is made, its document sent, the job started. One document is one job.

mod job;
mod steps;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::attachment::content_type_of;
use crate::client::Client;
use crate::engine::{UploadOptions, Uploaded};
use crate::error::{Error, Failure};
use crate::net::Transport;
use crate::progress::{Phase, Progress};
use crate::protocol::create::describe;
use crate::protocol::place::encode;

pub use job::{NewJob, Printer};

/// How long a job that comes to nothing may take to be cancelled.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// A job that was started.
#[derive(Debug, Clone)]
pub struct Printed {
    /// Its id.
    pub job: String,
    /// How it stood then.
    pub status: Map<String, Value>,
    /// The upload of its document.
    pub uploaded: Uploaded,
}

impl<T: Transport> Client<T> {
    /// Prints a file. A job whose document does not arrive is cancelled, as far as there is time: it would never be started.
    pub async fn print(
        &self,
        wanted: &NewJob,
        path: &Path,
        options: UploadOptions,
        progress: Arc<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Printed, Failure> {
        progress.limit_waits(options.wait_budget);
        let printer = wanted.printer.path()?;
        let content_type = wanted.content_type.clone().unwrap_or_else(|| content_type_of(&wanted.name));
        let prepare = async {
            let length = self.length_of(path).await?;
            self.check_printer(&printer, &content_type, &progress).await?;
            let (job, document) = self.make_job(&printer, wanted, &progress).await?;
            Ok((length, job, document))
        };
        let prepared = cancel.run_until_cancelled(prepare).await;
        let (length, job, document) = prepared.unwrap_or(Err(Error::Cancelled))?;
        let job_url = format!("{}{printer}/jobs/{}", self.endpoint(), encode(&job));
        let properties = json!({ "documentName": wanted.name, "contentType": content_type, "size": length });
        let sent = async {
            let request = wanted.printer.request(&job, &document, &properties)?;
            let described = describe(request, self.endpoint())?;
            let created = cancel.run_until_cancelled(self.create_session(&described, &progress)).await;
            let session = created.unwrap_or(Err(Error::Cancelled.into()))?.session()?;
            let uploaded = self.upload(session.clone(), path, options, Arc::clone(&progress), cancel).await;
            let Err(mut failure) = uploaded else { return uploaded };
            let cancelled = tokio::time::timeout(CLEAN_UP, self.cancel_session(&session, &progress)).await;
            if matches!(cancelled, Ok(Ok(_))) {
                failure.open = None;
            }
            Err(failure)
        };
        let started = async {
            let uploaded = sent.await?;
            let start = cancel.run_until_cancelled(self.start_job(&job_url, &progress)).await;
            Ok((start.unwrap_or(Err(Error::Cancelled))?, uploaded))
        };
        match started.await {
            Ok((status, uploaded)) => Ok(Printed { job, status, uploaded }),
            Err(error) => {
                let url = format!("{job_url}/cancel");
                let given_up = self.ask_job(&url, &progress);
                if !matches!(tokio::time::timeout(CLEAN_UP, given_up).await, Ok(Ok(_))) {
                    info!("a job that was not started could not be cancelled; the service lets it end");
                }
                Err(error)
            }
        }
    }

    /// How a job stands: its status object.
    pub async fn print_state(
        &self,
        printer: &Printer,
        job: &str,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
        let url = format!("{}{}/jobs/{}", self.endpoint(), printer.path()?, encode(job));
        progress.enter(Phase::Asking);
        self.status_of(&url, progress).await
    }
}
