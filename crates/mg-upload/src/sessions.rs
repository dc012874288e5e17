//! Creating, asking and cancelling sessions.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::warn;

use crate::answer::Answer;
use crate::body;
use crate::client::{Call, Client};
use crate::error::{Error, Refusal, Trail};
use crate::family::Family;
use crate::graph_error::{GraphError, member};
use crate::journal::{Claim, Entry, Record};
use crate::place::{Addressing, Place};
use crate::progress::{Phase, Progress};
use crate::report;
use crate::route::{self, ACTION, Route};
use crate::secret::redacted;
use crate::session::{CreateRequest, Session, same_host};
use crate::threads;
use crate::transport::{Method, Transport};
use crate::verdict::{Purpose, is_gone};

/// Headers that are the client's own business.
const RESERVED_HEADERS: [&str; 5] =
    ["content-type", "content-length", "transfer-encoding", "host", "connection"];

/// The largest body of a request that Graph takes.
const BODY_LIMIT: usize = 4 << 20;
/// More than its servers take of a path, and of all headers: they answer such a request with nothing that says why.
const PATH_LIMIT: usize = 16 << 10;
const HEADERS_LIMIT: usize = 16 << 10;

/// An answer to a request, with how hard it was tried.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The session's back end.
    pub family: Family,
    /// How hard it was tried.
    pub trail: Trail,
}

/// A session as callers name it.
#[derive(Debug, Clone)]
pub enum Named {
    /// By what the service said of it.
    Session(Box<Session>),
    /// By the id of its record.
    OnRecord(String),
}

/// A session that was created.
#[derive(Debug, Clone)]
pub struct Created {
    /// The service's answer.
    pub answered: Answered,
    /// What makes the very session again: the request as it was understood.
    pub origin: CreateRequest,
}

/// The HTTP request that a [`CreateRequest`] stands for.
#[derive(Clone)]
pub struct Described {
    /// Its row of the route table.
    pub route: &'static Route,
    /// Where it goes; of a drive, the file.
    pub place: Place,
    /// How the cloud that is asked addresses it.
    pub addressing: Addressing,
    /// Path from the host on.
    pub path: String,
    /// What the body says of the file.
    pub file: Option<Map<String, Value>>,
    /// Whether an item's id was taken for a folder's, since the body names a file and no path does.
    pub takes_id_for_folder: bool,
    /// All headers but the token.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Described").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Checks a request and works out what would be sent to the Graph at `endpoint`. Sends nothing.
pub fn describe(request: &CreateRequest, endpoint: &str) -> Result<Described, Error> {
    let route = route::find(&request.route).ok_or_else(|| {
        Error::InvalidInput(format!("'{}' is no endpoint of upload sessions", request.route))
    })?;
    let file = file_in(request.body.get(), route.body_member);
    let name = file.as_ref().and_then(|file| member(file, "name")).and_then(Value::as_str);
    let id = |name: &str| request.ids.get(name).map(String::as_str);
    let place = route.place(id, name).map_err(|error| Error::InvalidInput(error.to_string()))?;
    let bare = route.place(id, None).is_ok_and(|bare| bare.below.is_empty());
    let takes_id_for_folder = bare && place.name().is_some() && !place.node.ends_with("/root");
    let addressing = Addressing::of(endpoint);
    let path = place.path(addressing, ACTION, "");
    for (name, value) in &request.headers {
        if RESERVED_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Err(Error::InvalidInput(format!(
                "the header '{name}' is set by the upload client itself"
            )));
        }
        let legal_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&b));
        if !legal_name || value.chars().any(char::is_control) {
            return Err(Error::InvalidInput(format!("the header '{}' cannot be sent", name.escape_debug())));
        }
    }
    let length: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > HEADERS_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the headers have {length} bytes, more than any service takes"
        )));
    }
    if path.len() > PATH_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the ids make a path of {} bytes, more than any service takes",
            path.len()
        )));
    }
    let body = request.body.get();
    body::check(body).map_err(Error::InvalidInput)?;
    if body.len() > BODY_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the body has {} bytes, and Graph takes 4 MiB at most",
            body.len()
        )));
    }
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(request.headers.iter().cloned());
    let body = Bytes::copy_from_slice(body.as_bytes());
    Ok(Described { route, place, addressing, path, file, takes_id_for_folder, headers, body })
}

/// The member of a body that describes the file.
pub(crate) fn file_in(body: &str, name: &str) -> Option<Map<String, Value>> {
    let body: Map<String, Value> = serde_json::from_str(body).ok()?;
    member(&body, name)?.as_object().cloned()
}

/// Reads the answer to a create request: a JSON object, whatever its content type; anything else is an error.
pub fn read_created(answer: Answer, family: Family, trail: Trail) -> Result<Answered, Error> {
    if answer.object().is_some() {
        return Ok(Answered { answer, family, trail });
    }
    let what = if answer.body.is_empty() {
        "an empty body instead of a session"
    } else {
        "something that is no session"
    };
    Err(Error::UnexpectedAnswer { what, answer: Box::new(answer), trail })
}

impl Named {
    /// Reads a session in any form that callers hand over: a session object, the outcome of creating one, or an object with
    /// `journalId`, the id of an upload that the journal has on record.
    pub fn from_json(json: &str) -> Result<Named, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct OnRecord {
            journal_id: String,
        }
        match serde_json::from_str(json) {
            Ok(OnRecord { journal_id }) => Ok(Named::OnRecord(journal_id)),
            Err(_) => Session::from_json(json).map(|session| Named::Session(Box::new(session))),
        }
    }
}

impl<T: Transport> Client<T> {
    /// The session that a caller has named. Of one that another Graph has made, only the upload URL is of use here.
    pub async fn open(&self, named: Named) -> Result<Session, Error> {
        let record = match named {
            Named::Session(session) => return Ok(*session),
            Named::OnRecord(id) => self.on_record(id).await?,
        };
        let foreign = !record.belongs_to(self.endpoint());
        let mut session = Session::from(record);
        if foreign {
            session.origin = None;
        }
        Ok(session)
    }

    /// The record of an open upload that this client may go on with.
    pub(crate) async fn record(&self, id: &str) -> Result<Record, Error> {
        let record = self.on_record(id.to_owned()).await?;
        // Without a token nothing but the upload URL itself is asked, which is enough for most families.
        let bare = !self.has_token() && !record.family.profile().needs_token;
        match &record.endpoint {
            Some(owner) if !bare && !record.belongs_to(self.endpoint()) => Err(Error::InvalidInput(format!(
                "this upload belongs to {owner}, and this connection is to {}; connect there first",
                self.endpoint()
            ))),
            _ => Ok(record),
        }
    }

    async fn on_record(&self, id: String) -> Result<Record, Error> {
        let journal = self.journal().cloned();
        let journal = journal.ok_or_else(|| Error::Journal { why: "this client keeps no journal".into() })?;
        threads::in_journal(move || journal.find(&id)).await?
    }

    /// Everything that the journal has on record.
    pub async fn open_uploads(&self) -> Result<Vec<Entry>, Error> {
        let Some(journal) = self.journal().cloned() else { return Ok(Vec::new()) };
        threads::in_journal(move || journal.entries()).await?
    }

    /// The Graph that a session belongs to: none, where it was handed over by its URL alone, or where there is no
    /// connection to any.
    pub(crate) fn owner_of(&self, session: &Session) -> Option<String> {
        let of_graph = session.origin.is_some() || session.family.profile().needs_token;
        (of_graph && self.has_token()).then(|| self.endpoint().to_owned())
    }

    /// Fails for a session at another Graph than this client's where that takes a token: it would be sent none.
    pub(crate) fn check_reach(&self, session: &Session) -> Result<(), Error> {
        let url = session.upload_url.expose();
        if !session.family.profile().needs_token || same_host(url, self.endpoint()) {
            return Ok(());
        }
        Err(Error::InvalidInput(format!(
            "this session is at {}, and this connection is to {}: its token is not for there; connect to the session's own cloud",
            redacted(url).trim_end_matches("/…"),
            self.endpoint()
        )))
    }

    /// Creates a session. The answer is kept as it came: its object is the caller's to read. Where the name is taken by an
    /// upload that is open here, `progress` tells its id.
    pub async fn create_session(
        &self,
        request: &CreateRequest,
        progress: &Progress,
    ) -> Result<Created, Error> {
        let created = self.make_session(request, progress).await;
        if let Err(Error::Refused(refusal)) = &created
            && refusal.answer.status == 409
            && let Some(id) = self.open_at(request).await
        {
            progress.leave_open(&id);
        }
        created
    }

    pub(crate) async fn make_session(
        &self,
        request: &CreateRequest,
        progress: &Progress,
    ) -> Result<Created, Error> {
        let described = describe(request, self.endpoint())?;
        progress.enter(Phase::Asking);
        match self.create(&described, progress).await {
            Ok(answered) => Ok(Created { answered, origin: request.clone() }),
            Err(refused) => match self.file_by_id(request, &described, &refused, progress).await? {
                Some(origin) => {
                    let described = describe(&origin, self.endpoint())?;
                    Ok(Created { answered: self.create(&described, progress).await?, origin })
                }
                None => Err(refused),
            },
        }
    }

    async fn create(&self, described: &Described, progress: &Progress) -> Result<Answered, Error> {
        let call = Call {
            method: Method::Post,
            purpose: Purpose::Create,
            url: &format!("{}{}", self.endpoint(), described.path),
            headers: &described.headers,
            body: Some(described.body.clone()),
            with_token: !described.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")),
        };
        let (answer, trail) = self.call(call, progress).await?;
        self.created(answer, described.route.family, trail).await
    }

    /// The upload that is open here and goes to the place which a request names.
    async fn open_at(&self, request: &CreateRequest) -> Option<String> {
        let wanted = place_of(request)?;
        let entries = self.open_uploads().await.unwrap_or_default();
        entries.into_iter().find_map(|entry| match entry {
            Entry::Open { record, .. } if record.belongs_to(self.endpoint()) => {
                (place_of(record.origin.as_ref()?)? == wanted).then_some(record.id)
            }
            _ => None,
        })
    }

    /// A session that the service has handed out is new, whatever an earlier one at its URL has come to.
    async fn created(&self, answer: Answer, family: Family, trail: Trail) -> Result<Answered, Error> {
        let created = read_created(answer, family, trail)?;
        let object = created.answer.object().unwrap_or_default();
        let url = member(&object, "uploadUrl").and_then(Value::as_str).map(str::to_owned);
        url.iter().for_each(|url| self.finished.forget(url));
        if let (Some(journal), Some(url)) = (self.journal().cloned(), url)
            && let Err(error) = threads::in_journal(move || journal.reopen(&url)).await
        {
            warn!(%error, "what an earlier session at this URL has come to is still noted");
        }
        Ok(created)
    }

    /// Reads an answer that the caller has received by itself, exactly as [`Client::create_session`] would have, but that
    /// an id is no folder's is not looked into: what the caller sent may be another request.
    pub async fn read_foreign(&self, request: CreateRequest, answer: Answer) -> Result<Created, Error> {
        let described = describe(&request, self.endpoint())?;
        let trail = Trail {
            method: Method::Post.name(),
            target: redacted(self.endpoint()),
            with_token: true,
            attempts: 1,
            elapsed: Duration::ZERO,
        };
        if answer.is_success() {
            let answered = self.created(answer, described.route.family, trail).await?;
            return Ok(Created { answered, origin: request });
        }
        let (graph, retry_after) = (GraphError::parse(&answer.body), self.retry_after(&answer));
        Err(Error::Refused(Box::new(Refusal { answer, graph, trail, retry_after })))
    }

    /// Asks the service for a session's state.
    pub async fn query_session(&self, session: &Session, progress: &Progress) -> Result<Answered, Error> {
        self.check_reach(session)?;
        progress.enter(Phase::Asking);
        let (answer, trail) =
            self.call(self.session_call(Method::Get, session), progress).await.map_err(lost)?;
        read_created(answer, session.family, trail)
    }

    /// Cancels a session and forgets its record. `false`: it was gone already. One that another process feeds is left
    /// alone.
    pub async fn cancel_session(&self, session: &Session, progress: &Progress) -> Result<bool, Error> {
        self.check_reach(session)?;
        let claim = self.claim(session).await?;
        let was_open = self.delete_session(session, progress).await?;
        self.forget(claim).await;
        Ok(was_open)
    }

    /// The right to act on a session that nobody feeds. Where no journal can be kept there is nobody to ask.
    pub(crate) async fn claim(&self, session: &Session) -> Result<Option<Claim>, Error> {
        let Some(journal) = self.journal().cloned() else { return Ok(None) };
        let url = session.upload_url.clone();
        match threads::in_journal(move || journal.claim(url.expose())).await.flatten() {
            Ok(claim) => Ok(Some(claim)),
            Err(Error::InUse) => Err(Error::InUse),
            Err(error) => {
                warn!(%error, "the journal is out of reach");
                Ok(None)
            }
        }
    }

    /// Removes a record: the session's outcome is known, whatever becomes of the record.
    pub(crate) async fn forget(&self, claim: Option<Claim>) {
        let Some(claim) = claim else { return };
        if let Err(error) = threads::in_journal(move || claim.forget()).await {
            warn!(%error, "the record could not be removed");
        }
    }

    /// Removes a record: the file is in place.
    pub(crate) async fn finish(&self, claim: Option<Claim>) {
        let Some(claim) = claim else { return };
        if let Err(error) = threads::in_journal(move || claim.finish()).await {
            warn!(%error, "the record could not be removed");
        }
    }

    pub(crate) async fn delete_session(&self, session: &Session, progress: &Progress) -> Result<bool, Error> {
        progress.enter(Phase::Asking);
        match self.call(self.session_call(Method::Delete, session), progress).await.map_err(lost) {
            Ok(_) => Ok(true),
            Err(Error::SessionLost { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn session_call<'a>(&self, method: Method, session: &'a Session) -> Call<'a> {
        let with_token = session.family.profile().needs_token;
        Call {
            method,
            purpose: if method == Method::Delete { Purpose::Delete } else { Purpose::Ask },
            url: session.upload_url.expose(),
            headers: &[],
            body: None,
            with_token,
        }
    }
}

/// Where a request puts its file, whatever cloud it is sent to. One drive has several paths, and so has its root.
fn place_of(request: &CreateRequest) -> Option<String> {
    let place = report::place(&describe(request, "").ok()?);
    let drive = place.find("/drives/").unwrap_or(0);
    Some(place[drive..].trim_end_matches(':').replace("/items/root:", "/root:"))
}

/// The failure of a request to an upload URL; where its answer means that the session is gone, that.
pub(crate) fn lost(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if is_gone(refusal.answer.status, &refusal.graph) => session_lost(refusal),
        other => other,
    }
}

/// The session is gone by this answer.
pub(crate) fn session_lost(refusal: Box<Refusal>) -> Error {
    Error::SessionLost {
        why: "the session is gone: finished, cancelled or expired".into(),
        refusal: Some(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn request(route: &str, headers: &[(&str, &str)]) -> CreateRequest {
        CreateRequest {
            route: route.into(),
            ids: [("UserId".to_owned(), "u".to_owned()), ("DriveId".to_owned(), "d".to_owned())].into(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: serde_json::value::RawValue::from_string("{ }".into()).unwrap(),
        }
    }

    #[test]
    fn a_request_is_described_with_its_body_as_given() {
        let request = request("MgUserDriveRootUploadSession", &[("If-Match", "\"e\"")]);
        let described = describe(&request, "https://graph.microsoft.com").unwrap();
        assert_eq!(described.path, "/v1.0/users/u/drives/d/root/microsoft.graph.createUploadSession");
        assert_eq!(&described.body[..], b"{ }");
        assert!(described.headers.contains(&("If-Match".into(), "\"e\"".into())));
    }

    #[test]
    fn a_name_in_the_body_goes_into_the_path_and_stays_in_the_body() {
        let with = |route: &str, id: &str, body: &str| {
            let mut request = request(route, &[]);
            request.ids.insert("DriveItemId".into(), id.into());
            request.body = serde_json::value::RawValue::from_string(body.into()).unwrap();
            request
        };
        let named = r#"{"item": {"name": "a b.bin"}}"#;
        let action = "microsoft.graph.createUploadSession";
        for (route, id, body, path, guessed) in [
            ("MgDriveRootUploadSession", "", named, "root:/a%20b.bin:", false),
            ("MgDriveRootUploadSession", "", "{}", "root", false),
            ("MgDriveItemUploadSession", "01F", named, "items/01F:/a%20b.bin:", true),
            ("MgDriveItemUploadSession", "01F", r#"{"item":{"name":""}}"#, "items/01F", false),
            ("MgDriveItemUploadSession", "root", named, "items/root:/a%20b.bin:", false),
            ("MgDriveItemUploadSession", "root:/x/c.bin", named, "items/root:/x/c.bin:", false),
            ("MgDriveItemUploadSession", "01F:/x/", named, "items/01F:/x/a%20b.bin:", false),
        ] {
            let described = describe(&with(route, id, body), "https://graph.microsoft.com").unwrap();
            assert_eq!(described.path, format!("/v1.0/drives/d/{path}/{action}"));
            assert_eq!((&described.body[..], described.takes_id_for_folder), (body.as_bytes(), guessed));
        }
        let china = describe(
            &with("MgDriveItemUploadSession", "01F", named),
            "https://microsoftgraph.chinacloudapi.cn",
        );
        assert_eq!(china.unwrap().path, format!("/v1.0/drives/d/items/01F/children('a%20b.bin')/{action}"));
        assert!(
            describe(&with("MgDriveRootUploadSession", "", r#"{"item":{"name":"a/b"}}"#), "https://h")
                .is_err()
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before() {
        for bad in [
            request("MgNothing", &[]),
            request("MgPrintPrinterJobDocumentUploadSession", &[]),
            request("MgUserDriveRootUploadSession", &[("X", "a\nb")]),
            request("MgUserDriveRootUploadSession", &[("X", "a\u{7f}b")]),
        ] {
            assert_eq!(describe(&bad, "https://h").unwrap_err().kind(), Kind::InvalidInput);
        }
        let with =
            |name: &str| describe(&request("MgUserDriveRootUploadSession", &[(name, "1")]), "https://h");
        for own in ["Content-Type", "content-length", "Transfer-Encoding", "HOST", "Connection"] {
            assert!(with(own).unwrap_err().to_string().contains("by the upload client itself"), "{own}");
        }
        for illegal in [
            "", "X Y", "X:", "X\r", "ü", "X(1)", "X/1", "[X]", "{X}", "X@", "X?", "X=", "\"X\"", "X\\", "<X>",
        ] {
            assert!(with(illegal).unwrap_err().to_string().contains("cannot be sent"), "{illegal}");
        }
        for legal in ["X", "If-Match", "Prefer", "x_1.~!#$%&'*+^`|"] {
            with(legal).unwrap();
        }
    }

    #[test]
    fn a_body_has_4_mib_at_most() {
        let of = |len: usize| {
            let mut request = request("MgUserDriveRootUploadSession", &[]);
            request.body =
                serde_json::value::RawValue::from_string(format!(r#"{{"x":"{}"}}"#, "x".repeat(len - 8)))
                    .unwrap();
            describe(&request, "https://h").map(|described| described.body.len())
        };
        assert_eq!(of(4_194_304).unwrap(), 4_194_304);
        assert_eq!(of(4_194_305).unwrap_err().kind(), Kind::InvalidInput);
    }
}
