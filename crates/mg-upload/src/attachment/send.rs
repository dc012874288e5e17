//! One file on its way to what it is attached to.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{NewAttachment, Target};
use crate::client::find::{self, Found, Sought};
use crate::client::{Call, Client, Content, Named};
use crate::engine::{UploadOptions, Uploaded};
use crate::error::{Error, Failure, TransportFault};
use crate::family::Family;
use crate::net::{Method, Transport};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::backoff::pause;
use crate::protocol::create::{Described, describe};
use crate::protocol::item::Integrity;
use crate::protocol::session::Session;
use crate::protocol::verdict::Purpose;
use crate::response::Response;
use crate::source::{FileSource, Opening};

/// The most that goes along in the request itself. Documented are 3 MB; a little more is taken, and smaller sessions are
/// not.
const SMALL: u64 = 3_000_000;
/// How often a small file is sent whose answer was lost and that is not there.
const TRIES: u32 = 4;

/// How a file is attached.
enum Way {
    /// In one request, which was made.
    Done(Box<Uploaded>),
    /// By a session.
    New(Session),
    /// By one that is on record, and what makes another.
    OnRecord(String, Described),
}

/// A small file, and the request that would make a session for it: by that it is found.
struct Small<'a> {
    attachment: &'a NewAttachment,
    described: &'a Described,
    source: Arc<FileSource>,
}

impl<T: Transport> Client<T> {
    /// Attaches a file. On failure of a large one its session stays as it is, as after [`Client::upload`].
    pub async fn attach(
        &self,
        target: &Target,
        attachment: &NewAttachment,
        path: &Path,
        options: UploadOptions,
        progress: Arc<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Uploaded, Failure> {
        let prepare = async {
            let family = target.family()?;
            let buffers = Arc::clone(&self.buffers);
            let opening = Opening { sha256: options.sha256, ..Opening::default() };
            let (source, _) = FileSource::open(path, opening, buffers).await?;
            check_size(family, source.len())?;
            let described = describe(attachment.request(target, source.len())?, self.endpoint())?;
            progress.limit_waits(options.wait_budget);
            if source.len() <= SMALL {
                let small = Small { attachment, described: &described, source };
                return Ok(Way::Done(Box::new(self.attach_small(&small, &progress).await?)));
            }
            if let Some(id) = self.begun(&described.request, path).await {
                return Ok(Way::OnRecord(id, described));
            }
            Ok(Way::New(self.create_session(&described, &progress).await?.session()?))
        };
        let prepared: Option<Result<_, Failure>> = cancel.run_until_cancelled(prepare).await;
        let uploaded = match prepared.unwrap_or(Err(Error::Cancelled.into()))? {
            Way::Done(uploaded) => Ok(*uploaded),
            Way::New(session) => self.upload(session, path, options, progress, cancel).await,
            Way::OnRecord(id, described) => {
                match self.resume(&id, options, Arc::clone(&progress), cancel).await {
                    Err(failure) if failure.error.is_over() => {
                        let anew = self.begin_anew(&id, &described, &progress);
                        let session = cancel.run_until_cancelled(anew).await;
                        let session = session.unwrap_or(Err(Error::Cancelled.into()))?;
                        self.upload(session, path, options, progress, cancel).await
                    }
                    uploaded => uploaded,
                }
            }
        };
        let mut uploaded = uploaded?;
        if uploaded.item.is_none() {
            uploaded.item =
                uploaded.location.as_deref().and_then(|location| item_at(location, &attachment.name));
        }
        if let Some(id) = uploaded.item.as_ref().and_then(|item| item.get("id")?.as_str()) {
            self.know_attachment(id);
        }
        Ok(uploaded)
    }

    /// A new session in place of one that cannot be gone on with.
    async fn begin_anew(
        &self,
        id: &str,
        described: &Described,
        progress: &Progress,
    ) -> Result<Session, Failure> {
        if let Ok(old) = self.open(Named::OnRecord(id.to_owned())).await {
            self.cancel_session(&old, progress).await?;
        }
        Ok(self.create_session(described, progress).await?.session()?)
    }

    async fn attach_small(&self, small: &Small<'_>, progress: &Progress) -> Result<Uploaded, Error> {
        let (started, began) = (Instant::now(), self.clock.now());
        let (source, family) = (&small.source, small.described.route.family);
        progress.set_position(0, source.len());
        let body = small.attachment.with_bytes(family, &STANDARD.encode(source.whole().await?));
        let (body, content) = (Bytes::from(body.to_string()), source.hash());
        let mut attempt = 1;
        let (response, item) = loop {
            let error = match self.post(small, body.clone(), progress).await {
                Ok(response) => {
                    let item = response.object();
                    break (Some(response), item);
                }
                Err(error) if is_lost(&error) => error,
                Err(error) => return Err(error),
            };
            let began = self.clock.of_service(began);
            let sought = Sought { content: &content.quick_xor, began, all_sent: true };
            match find::find(self, small.described, &sought, progress).await {
                Found::Item(item) => break (None, Some(item)),
                Found::Nothing if attempt < TRIES => {
                    let after = pause(None, attempt, fastrand::f64());
                    if !progress.may_wait(after) {
                        return Err(error);
                    }
                    progress.wait(Pause::after(&error, after)).await;
                    attempt += 1;
                }
                Found::Nothing | Found::Unknown(_) => return Err(error),
            }
        };
        progress.sent(source.len());
        progress.enter(Phase::Done);
        Ok(Uploaded {
            path: source.path().into(),
            family,
            length: source.len(),
            item: item.map(without_bytes),
            location: response.as_ref().and_then(|response| response.header("location")).map(str::to_owned),
            status: response.as_ref().map(|response| response.status),
            headers: response.map(|response| response.headers).unwrap_or_default(),
            committed: true,
            hash: None,
            sha256: content.sha256(),
            service_hash: None,
            integrity: Integrity::NotReported,
            elapsed: started.elapsed(),
            warnings: Vec::new(),
        })
    }

    async fn post(&self, small: &Small<'_>, body: Bytes, progress: &Progress) -> Result<Response, Error> {
        let described = small.described;
        let url = format!("{}{}", self.endpoint(), described.place.path(described.addressing, "", ""));
        progress.enter(Phase::Sending);
        let call = Call {
            method: Method::Post,
            url: &url,
            headers: &described.headers,
            body: Content::Bytes(body),
            with_token: true,
            // Done twice, it is two attachments.
            purpose: Purpose::Commit,
        };
        Ok(self.call(call, progress).await?.0)
    }
}

/// Whether nobody knows what has become of a request.
fn is_lost(error: &Error) -> bool {
    use TransportFault::{Decode, Interrupted, Request, Timeout, Unknown};
    match error {
        Error::Unreachable { fault, .. } => {
            matches!(fault, Decode | Interrupted | Request | Timeout | Unknown)
        }
        Error::Refused(refusal) => matches!(refusal.response.status, 408 | 500 | 502 | 504),
        _ => false,
    }
}

fn check_size(family: Family, length: u64) -> Result<(), Error> {
    let profile = family.profile();
    if length <= profile.window.1 {
        return Ok(());
    }
    let why = format!(
        "{} has at most {} bytes, and the file has {length}: {}",
        profile.noun, profile.window.1, profile.above_window
    );
    Err(Error::WrongSize { family, too_large: true, why })
}

/// What an answer says of an attachment, but for its bytes.
fn without_bytes(mut item: Map<String, Value>) -> Map<String, Value> {
    item.retain(|name, _| !name.eq_ignore_ascii_case("contentBytes") && !name.starts_with("@odata.context"));
    item
}

/// An attachment by its address: `…/Attachments('id')`, `…/attachments/id`.
fn item_at(location: &str, name: &str) -> Option<Map<String, Value>> {
    let path = location.split(['?', '#']).next()?.trim_end_matches('/');
    let last = path.rsplit('/').next()?;
    let id = match last.split_once("('") {
        Some((_, quoted)) => quoted.strip_suffix("')")?.replace("''", "'"),
        None => last.to_owned(),
    };
    let id = percent_encoding::percent_decode_str(&id).decode_utf8().ok()?.into_owned();
    let members = [("id".to_owned(), Value::String(id)), ("name".to_owned(), Value::String(name.to_owned()))];
    Some(members.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachments_id_is_told_by_its_address() {
        for (location, id) in [
            (
                "https://outlook.office.com/api/v2.0/Users('u')/Messages('m')/Attachments('AA%3D')",
                Some("AA="),
            ),
            ("https://graph.microsoft.com/v1.0/me/todo/lists/l/tasks/t/attachments/x1?a=b", Some("x1")),
            ("https://h/Attachments('broken", None),
        ] {
            let item = item_at(location, "n");
            assert_eq!(item.as_ref().and_then(|item| item["id"].as_str()), id, "{location}");
        }
    }

    #[test]
    fn what_may_have_arrived_is_looked_for() {
        let refused = |status| Error::Refused(Box::new(crate::error::refusal(status, "")));
        assert!([408, 500, 502, 504].into_iter().all(|status| is_lost(&refused(status))));
        assert!(![400, 403, 413, 429, 503].into_iter().any(|status| is_lost(&refused(status))));
    }
}
