//! The requests that a job takes, one by one.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tracing::info;

use super::job::NewJob;
use crate::client::{Call, Client, Content};
use crate::error::graph_error::member;
use crate::error::{Error, Kind};
use crate::family::Family;
use crate::net::{Method, Transport};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::backoff::pause;
use crate::protocol::place::encode;
use crate::protocol::verdict::Purpose;
use crate::source::{FileSource, Opening};

/// How often a start is asked for whose answer was lost and that has not taken place.
const TRIES: u32 = 4;

impl<T: Transport> Client<T> {
    pub(super) async fn length_of(&self, path: &Path) -> Result<u64, Error> {
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
    pub(super) async fn check_printer(
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
    pub(super) async fn make_job(
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
    pub(super) async fn start_job(
        &self,
        job: &str,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
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

    pub(super) async fn status_of(
        &self,
        job: &str,
        progress: &Progress,
    ) -> Result<Map<String, Value>, Error> {
        let (response, trail) = self.call(Call::look(job), progress).await?;
        let object = response.object().unwrap_or_default();
        let status = member(&object, "status").and_then(Value::as_object).cloned();
        let what = "a print job without a status";
        status.ok_or_else(|| Error::UnexpectedAnswer { what, response: Box::new(response), trail })
    }

    /// An action of a job's that has no body.
    pub(super) async fn ask_job(&self, url: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
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
