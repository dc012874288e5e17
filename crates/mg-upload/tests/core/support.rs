//! The real client over the stand-in in the same process: no sockets, and time that passes only when nothing else can
//! happen.

use std::future::poll_fn;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_standin::{Config, End, Endpoints, Exchange, Head, Listener, Rule, Service};
use mg_upload::Response;
use mg_upload::journal::{Entry, Journal};
use mg_upload::net::{Body, Request, Transport, TransportError};
use mg_upload::{
    Client, ClientOptions, CreateRequest, Described, Error, Family, Named, Progress, Secret, Session,
    TransportFault, UploadOptions, Uploaded, describe,
};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub const GRAPH: &str = "https://graph.test";
const UPLOAD: &str = "https://upload.test";

/// The stand-in as a transport.
#[derive(Clone)]
pub struct InProcess {
    service: Arc<Mutex<Service>>,
    epoch: u64,
    started: Instant,
    /// Sees each request before it is sent.
    pub watch: Option<Arc<Watcher>>,
}

pub type Watcher = dyn Fn(&Request) + Send + Sync;

impl InProcess {
    pub fn new(config: Config) -> InProcess {
        let epoch = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap();
        let endpoints = Endpoints { graph: GRAPH.into(), upload: UPLOAD.into() };
        let service = Arc::new(Mutex::new(Service::new(config, endpoints, epoch)));
        InProcess { service, epoch, started: Instant::now(), watch: None }
    }

    pub fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.epoch + u64::try_from(self.started.elapsed().as_millis()).unwrap()
    }

    fn begin(&self, request: &Request) -> Exchange {
        let url = request.url.expose();
        let (listener, target) = match url.strip_prefix(GRAPH) {
            Some(target) => (Listener::Graph, target),
            None => (Listener::Upload, url.strip_prefix(UPLOAD).expect("a host of the stand-in")),
        };
        let mut headers = request.headers.clone();
        let length = match &request.body {
            Body::None => None,
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream(stream) => stream.size_hint().exact(),
        };
        // As over HTTP: of an empty body nothing is said but what the client says itself.
        let length = length.filter(|length| *length > 0);
        headers.extend(length.map(|length| ("content-length".to_owned(), length.to_string())));
        let method = request.method.name().to_owned();
        self.service().begin(Head { listener, method, target: target.to_owned(), headers }, self.now())
    }
}

/// An exchange that the client may drop at any await: the service then sees a broken connection.
struct Held<'a> {
    exchange: Option<Exchange>,
    transport: &'a InProcess,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            let now = self.transport.now();
            self.transport.service().abandon(exchange, now);
        }
    }
}

fn broken() -> TransportError {
    TransportError::new(TransportFault::Request, "connection reset")
}

impl Transport for InProcess {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if let Some(watch) = &self.watch {
            watch(&request);
        }
        let mut held = Held { exchange: Some(self.begin(&request)), transport: self };
        let exchange = held.exchange.as_mut().unwrap();
        let limit = exchange.body_limit();
        match request.body {
            Body::None => {}
            Body::Bytes(bytes) => exchange.push(&bytes),
            Body::Stream(mut stream) => {
                let mut sent = 0;
                while let Some(frame) = poll_fn(|cx| stream.as_mut().poll_frame(cx)).await {
                    let frame = frame
                        .map_err(|source| TransportError { fault: TransportFault::Interrupted, source })?;
                    let bytes = frame.into_data().unwrap_or_default();
                    exchange.push(&bytes);
                    sent += bytes.len() as u64;
                    if limit.is_some_and(|limit| sent >= limit) {
                        return Err(broken());
                    }
                    // A real request lets others run too, and time pass.
                    sleep(Duration::from_millis(1)).await;
                }
            }
        }
        if limit.is_some() {
            return Err(broken());
        }
        let delivery = self.service().finish(held.exchange.take().unwrap(), self.now());
        match delivery.end {
            End::Whole | End::ThenClose => {}
            End::Reset => return Err(broken()),
            End::Half => {
                return Err(TransportError::new(TransportFault::Interrupted, "the answer broke off"));
            }
            End::After(millis) => sleep(Duration::from_millis(millis)).await,
        }
        let graph_standin::Answer { status, headers, body } = delivery.answer;
        let headers = headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        Ok(Response { status, headers, body })
    }
}

/// A client, a service and a file on disk.
pub struct Bench {
    pub transport: InProcess,
    pub client: Client<InProcess>,
    pub folder: tempfile::TempDir,
}

impl Bench {
    pub fn new(config: Config) -> Bench {
        let transport = InProcess::new(config);
        let folder = tempfile::tempdir().unwrap();
        let client = client(&transport, folder.path());
        Bench { transport, client, folder }
    }

    /// A process begins: the same service, disk and journal, nothing else remembered.
    pub fn restart(&mut self) {
        self.client = client(&self.transport, self.folder.path()).at_the_time_of(&self.client);
    }

    /// The ids of the uploads that the journal has on record.
    pub fn on_record(&self) -> Vec<String> {
        let entries = self.client.journal().unwrap().entries().unwrap();
        let ids = entries.into_iter().map(|entry| match entry {
            Entry::Open { record, .. } => record.id,
            Entry::Unreadable { file, why } => panic!("{}: {why}", file.display()),
        });
        ids.collect()
    }

    pub async fn session_on_record(&self, id: &str) -> Result<Session, Error> {
        self.client.open(Named::from_json(&json!({ "journalId": id }).to_string())?).await
    }

    pub async fn resume(&self, id: &str) -> Result<Uploaded, Error> {
        let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
        let resumed = self.client.resume(id, UploadOptions::default(), progress, &cancel).await;
        resumed.map_err(|failure| failure.error)
    }

    pub fn with_config(json: &serde_json::Value) -> Bench {
        Bench::new(Config::default().merged(json).unwrap())
    }

    /// A file of reproducible, non-repeating bytes.
    pub fn file(&self, name: &str, len: u64) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(&content(len)).unwrap();
        path
    }

    pub fn script(&self, rules: serde_json::Value) {
        let rules: Vec<Rule> = serde_json::from_value(rules).unwrap();
        for rule in rules {
            self.transport.service().script(rule);
        }
    }

    pub async fn session(&self, family: Family, size: u64) -> Session {
        session_for(&self.client, &create_request(family, size)).await.unwrap()
    }

    pub async fn upload(&self, session: Session, path: &Path, chunk: u64) -> Result<Uploaded, Error> {
        let options = UploadOptions { chunk: Some(chunk), ..UploadOptions::default() };
        self.client
            .upload(session, path, options, Arc::new(Progress::default()), &CancellationToken::new())
            .await
            .map_err(|failure| failure.error)
    }

    pub fn sha256_of_stored(&self) -> Vec<String> {
        self.transport.service().files().iter().filter_map(|file| file.sha256.clone()).collect()
    }

    pub fn violations(&self) -> Vec<String> {
        self.transport.service().violations().to_vec()
    }
}

pub fn client(transport: &InProcess, folder: &Path) -> Client<InProcess> {
    client_over(transport.clone(), folder)
}

/// A client of any transport, with a token and a journal.
pub fn client_over<T: Transport>(transport: T, folder: &Path) -> Client<T> {
    let journal = Some(Journal::new(folder.join("sessions")));
    let options = ClientOptions { graph_endpoint: GRAPH.into(), journal, ..ClientOptions::default() };
    let client = Client::over(transport, options).unwrap();
    client.set_token(Some(Secret::new("token")));
    client
}

pub async fn session_for(client: &Client<InProcess>, request: &CreateRequest) -> Result<Session, Error> {
    let described = describe(request.clone(), GRAPH)?;
    let created = client.create_session(&described, &Progress::default()).await;
    let created = created.map_err(|failure| failure.error)?;
    Session::from_json(&mg_upload::report::created(&created).to_string())
}

/// A request as it would be sent.
pub fn described(request: &CreateRequest) -> Described {
    describe(request.clone(), GRAPH).unwrap()
}

/// A request for a session of a drive that waits for its commit.
pub fn deferred() -> CreateRequest {
    let mut request = create_request(Family::Drive, 0);
    let body = json!({"deferCommit": true, "item": {"name": "a.bin"}}).to_string();
    request.body = serde_json::value::RawValue::from_string(body).unwrap();
    request
}

/// A request for a session of each family, as a cmdlet would make it.
pub fn create_request(family: Family, size: u64) -> CreateRequest {
    let (route, ids, body) = match family {
        Family::Drive => (
            "MgUserDriveRootUploadSession",
            json!({"UserId": "u", "DriveId": "d"}),
            json!({"item": {"@microsoft.graph.conflictBehavior": "replace", "name": "a.bin"}}),
        ),
        Family::Outlook => (
            "MgUserMessageAttachmentUploadSession",
            json!({"UserId": "u", "MessageId": "m"}),
            json!({"AttachmentItem": {"attachmentType": "file", "name": "a.bin", "size": size}}),
        ),
        Family::Todo => (
            "MgUserTodoListTaskAttachmentUploadSession",
            json!({"UserId": "u", "TodoTaskListId": "l", "TodoTaskId": "t"}),
            json!({"attachmentInfo": {"attachmentType": "file", "name": "a.bin", "size": size}}),
        ),
        Family::Print => (
            "MgPrintPrinterJobDocumentUploadSession",
            json!({"PrinterId": "p", "PrintJobId": "j", "PrintDocumentId": "x"}),
            json!({"properties": {"documentName": "a.bin", "contentType": "application/pdf", "size": size}}),
        ),
    };
    serde_json::from_value(json!({"route": route, "ids": ids, "body": body})).unwrap()
}

/// Bytes in which no two fragments are alike.
pub fn content(len: u64) -> Vec<u8> {
    // Cut from one piece, for making it takes long where nothing is optimised.
    static PIECE: LazyLock<Vec<u8>> = LazyLock::new(|| made(8 << 20));
    // By its length: two of them are not alike, and none is the other's beginning.
    let (len, from) =
        (usize::try_from(len).unwrap(), (len.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize);
    PIECE.get(from..from + len).map_or_else(|| made(len), <[u8]>::to_vec)
}

fn made(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ len as u64;
    let mut bytes = vec![0; len];
    for eight in bytes.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        eight.copy_from_slice(&state.to_le_bytes()[..eight.len()]);
    }
    bytes
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
