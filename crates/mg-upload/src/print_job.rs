//! A file on its way to a printer: a job is made, its document sent, the job started. One document is one job.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::attachment::content_type_of;
use crate::client::{Call, Client, Content};
use crate::engine::{UploadOptions, Uploaded};
use crate::error::graph_error::member;
use crate::error::{Error, Failure, Kind};
use crate::family::Family;
use crate::net::{Method, Transport};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::backoff::pause;
use crate::protocol::create::describe;
use crate::protocol::place::{encode, is_dots};
use crate::protocol::session::CreateRequest;
use crate::protocol::verdict::Purpose;
use crate::source::{FileSource, Opening};

/// How often a start is asked for whose answer was lost and that has not taken place.
const TRIES: u32 = 4;
/// How long a job that comes to nothing may take to be cancelled.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// Where a job goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Printer {
    /// A printer by its id.
    PrinterId(String),
    /// A share by its id: what users print to.
    ShareId(String),
}

/// A job that is wanted.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewJob {
    /// Where it goes.
    #[serde(flatten)]
    pub printer: Printer,
    /// The document's name.
    pub name: String,
    /// Its media type; where it is left out, that of the name's extension.
    #[serde(default)]
    pub content_type: Option<String>,
    /// How it is printed: a printJobConfiguration of Graph's.
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

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

impl Printer {
    fn path(&self) -> Result<String, Error> {
        let (noun, id) = match self {
            Printer::PrinterId(id) => ("printers", id),
            Printer::ShareId(id) => ("shares", id),
        };
        if id.is_empty() || is_dots(id) {
            return Err(Error::InvalidInput("the printer's id is missing or empty".into()));
        }
        Ok(format!("/v1.0/print/{noun}/{}", encode(id)))
    }

    /// The request for the session of a job's document.
    fn request(&self, job: &str, document: &str, properties: &Value) -> Result<CreateRequest, Error> {
        let (route, name, id) = match self {
            Printer::PrinterId(id) => ("MgPrintPrinterJobDocumentUploadSession", "PrinterId", id),
            Printer::ShareId(id) => ("MgPrintShareJobDocumentUploadSession", "PrinterShareId", id),
        };
        let ids = [(name, id.as_str()), ("PrintJobId", job), ("PrintDocumentId", document)];
        let body = to_raw_value(&json!({ "properties": properties }))
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        Ok(CreateRequest {
            route: route.into(),
            ids: ids.map(|(name, id)| (name.to_owned(), id.to_owned())).into(),
            headers: Vec::new(),
            body,
        })
    }
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

    async fn length_of(&self, path: &Path) -> Result<u64, Error> {
        let (source, _) = FileSource::open(path, Opening::default(), Arc::clone(&self.buffers)).await?;
        let profile = Family::Print.profile();
        let (length, (least, most)) = (source.len(), profile.window);
        if (least..=most).contains(&length) {
            return Ok(length);
        }
        let advice = if length < least { profile.below_window } else { profile.above_window };
        let why = format!("the file '{}' has {length} bytes: {advice}", path.display());
        Err(Error::WrongSize { family: Family::Print, too_large: length > most, why })
    }

    /// Refuses what the printer says that it does not print. Not everybody who may print may read that.
    async fn check_printer(
        &self,
        printer: &str,
        content_type: &str,
        progress: &Progress,
    ) -> Result<(), Error> {
        let url = format!("{}{printer}?$select=id,displayName,capabilities", self.endpoint());
        progress.enter(Phase::Asking);
        let found = match self.call(Call::look(&url), progress).await {
            Ok((response, _)) => response.object().unwrap_or_default(),
            Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::InvalidInput) => {
                info!(%error, "what the printer takes cannot be read");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let types = member(&found, "capabilities").and_then(|all| all.get("contentTypes")?.as_array());
        let types: Vec<_> = types.into_iter().flatten().filter_map(Value::as_str).collect();
        if types.is_empty() || types.iter().any(|own| own.eq_ignore_ascii_case(content_type)) {
            return Ok(());
        }
        let why = format!("the printer takes {}, and the document is {content_type}", types.join(", "));
        Err(Error::Unfit { reason: "contentType", why })
    }

    /// Makes a job; its id and that of its document.
    async fn make_job(
        &self,
        printer: &str,
        wanted: &NewJob,
        progress: &Progress,
    ) -> Result<(String, String), Error> {
        let jobs = format!("{}{printer}/jobs", self.endpoint());
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let call = Call {
            method: Method::Post,
            url: &jobs,
            headers: &headers,
            body: Content::Bytes(Bytes::from(json!({ "configuration": wanted.configuration }).to_string())),
            with_token: true,
            purpose: Purpose::Create,
        };
        let (response, trail) = self.call(call, progress).await?;
        let object = response.object().unwrap_or_default();
        let id = |object: &Map<String, Value>| {
            member(object, "id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned)
        };
        let first =
            |object: &Map<String, Value>, list| member(object, list)?.get(0)?.as_object().and_then(id);
        let Some(job) = id(&object) else {
            let what = "no print job";
            return Err(Error::UnexpectedAnswer { what, response: Box::new(response), trail });
        };
        if let Some(document) = first(&object, "documents") {
            return Ok((job, document));
        }
        let url = format!("{jobs}/{}/documents", encode(&job));
        let (response, trail) = self.call(Call::look(&url), progress).await?;
        let document = first(&response.object().unwrap_or_default(), "value");
        let what = "a print job without a document";
        let document =
            document.ok_or_else(|| Error::UnexpectedAnswer { what, response: Box::new(response), trail })?;
        Ok((job, document))
    }

    /// Starts a job; how it stands then. Where an answer is lost, the job itself tells.
    async fn start_job(&self, job: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
        let mut attempt = 1;
        loop {
            let error = match self.ask_job(&format!("{job}/start"), progress).await {
                Ok(status) => return Ok(status),
                Err(error) => error,
            };
            let is_unclear = matches!(
                error.kind(),
                Kind::Timeout | Kind::Network | Kind::ServerFault | Kind::UnexpectedAnswer | Kind::Conflict
            );
            if !is_unclear {
                return Err(error);
            }
            match self.status_of(job, progress).await {
                Ok(status) if !waits_for_start(&status) => return Ok(status),
                _ => {}
            }
            let after = pause(None, attempt, fastrand::f64());
            if attempt == TRIES || !progress.may_wait(after) {
                return Err(error);
            }
            progress.wait(Pause::after(&error, after)).await;
            attempt += 1;
        }
    }

    async fn status_of(&self, job: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
        let (response, trail) = self.call(Call::look(job), progress).await?;
        let object = response.object().unwrap_or_default();
        let status = member(&object, "status").and_then(Value::as_object).cloned();
        let what = "a print job without a status";
        status.ok_or_else(|| Error::UnexpectedAnswer { what, response: Box::new(response), trail })
    }

    /// An action of a job's that has no body.
    async fn ask_job(&self, url: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
        let call = Call {
            method: Method::Post,
            url,
            headers: &[],
            body: Content::Bytes(Bytes::new()),
            with_token: true,
            purpose: Purpose::Commit,
        };
        let (response, _) = self.call(call, progress).await?;
        Ok(response.object().unwrap_or_default())
    }
}

/// Whether a job is still one that nobody has started: it is paused, and waits for its document or its start.
fn waits_for_start(status: &Map<String, Value>) -> bool {
    let state = member(status, "state").and_then(Value::as_str).unwrap_or("unknown");
    ["paused", "unknown"].iter().any(|own| own.eq_ignore_ascii_case(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_named_by_its_own_id_or_by_that_of_a_share() {
        let of = |json| serde_json::from_value::<NewJob>(json).unwrap();
        let share = of(json!({ "shareId": "a b", "name": "n.pdf" }));
        assert_eq!(share.printer.path().unwrap(), "/v1.0/print/shares/a%20b");
        let printer = of(json!({ "printerId": "p", "name": "n.pdf", "configuration": { "copies": 2 } }));
        assert_eq!(printer.printer.path().unwrap(), "/v1.0/print/printers/p");
        assert_eq!(printer.configuration["copies"], 2);
        for bad in ["", ".", ".."] {
            assert!(Printer::ShareId(bad.into()).path().is_err(), "{bad}");
        }
        assert!(serde_json::from_value::<NewJob>(json!({ "name": "n" })).is_err());
    }

    #[test]
    fn only_a_paused_job_waits_for_its_start() {
        for (state, waits) in
            [("paused", true), ("pending", false), ("processing", false), ("completed", false)]
        {
            let status = json!({ "state": state }).as_object().cloned().unwrap();
            assert_eq!(waits_for_start(&status), waits, "{state}");
        }
        assert!(waits_for_start(&Map::new()));
    }
}
