//! The client: a Graph endpoint, a token, and requests sent with patience.

mod clock;
mod commit;
mod exchange;
mod file_by_id;
pub(crate) mod find;
mod gate;
mod made;
mod sessions;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::error::{Error, Refusal, Trail};
use crate::protocol::backoff::{pause, retry_after};

use crate::address::{check_url, same_host};
use crate::error::graph_error::GraphError;
use crate::journal::{Journal, Remembered};
use crate::net::{Body, Http, HttpOptions, Method, Request, Transport, TransportError};
use crate::progress::pause::Pause;
use crate::progress::{Phase, Progress};
use crate::protocol::verdict::{Purpose, Verdict, may_repeat, verdict};
use crate::secret::{Secret, redacted};
use crate::source::Pool;

use clock::{Clock, service_time};
use gate::Gate;

pub use commit::ConflictBehavior;
pub use sessions::{Answered, Created, Named, read_created};
pub(crate) use sessions::{lost, session_lost};

/// Attempts of a request to Graph itself: one and three more, as Microsoft's own cmdlets make.
const GRAPH_ATTEMPTS: u32 = 4;
/// Redirects of one request that are followed, and only within the same host.
const REDIRECTS: u32 = 3;
/// Pauses that a caller of a single request is made to wait for, in all.
const GRAPH_WAIT_BUDGET: Duration = Duration::from_secs(300);

/// What a client is made from.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// Graph's base URL, such as `https://graph.microsoft.com`; https, or http to this machine's loopback.
    pub graph_endpoint: String,
    /// Sent as `User-Agent`; SharePoint prefers `NONISV|Company|App/1.0`. Empty: this crate's own.
    pub user_agent: String,
    /// How hosts are reached.
    pub http: HttpOptions,
    /// Where open sessions are recorded; `None`: nowhere.
    pub journal: Option<Journal>,
}

/// Sends requests to one Graph endpoint and to the upload URLs that it hands out.
pub struct Client<T = Http> {
    pub(crate) transport: T,
    pub(crate) endpoint: String,
    user_agent: String,
    token: RwLock<Option<Secret>>,
    pub(crate) gate: Gate,
    pub(crate) clock: Clock,
    journal: Option<Journal>,
    pub(crate) finished: Remembered,
    random: Mutex<fastrand::Rng>,
    /// Shared by all uploads: an upload of a small file would else spend its time on fresh memory.
    pub(crate) buffers: Arc<Pool>,
}

/// One request that may be repeated.
pub(crate) struct Call<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(String, String)],
    pub body: Option<Bytes>,
    pub with_token: bool,
    pub purpose: Purpose,
}

impl Call<'_> {
    /// Reads something of Graph's.
    pub fn look(url: &str) -> Call<'_> {
        let (method, purpose) = (Method::Get, Purpose::Look);
        Call { method, url, headers: &[], body: None, with_token: true, purpose }
    }
}

impl Client<Http> {
    /// A client over HTTP.
    pub fn new(options: ClientOptions) -> Result<Client<Http>, Error> {
        let transport = Http::new(&options.http)
            .map_err(|why| Error::InvalidInput(format!("no HTTP client can be set up: {why}")))?;
        Client::over(transport, options)
    }
}

impl<T: Transport> Client<T> {
    /// A client over any transport; `options.http` is the transport's business.
    pub fn over(transport: T, options: ClientOptions) -> Result<Client<T>, Error> {
        let endpoint = options.graph_endpoint.trim_end_matches('/').to_owned();
        check_url(&endpoint).map_err(|why| {
            Error::InvalidInput(format!("the Graph endpoint '{endpoint}' is unusable: {why}"))
        })?;
        let user_agent = if options.user_agent.is_empty() {
            concat!("NONISV|MgUpload|MgUpload/", env!("CARGO_PKG_VERSION")).to_owned()
        } else {
            options.user_agent
        };
        Ok(Client {
            transport,
            endpoint,
            user_agent,
            token: RwLock::default(),
            gate: Gate::default(),
            clock: Clock::start(),
            journal: options.journal,
            finished: Remembered::default(),
            random: Mutex::new(fastrand::Rng::new()),
            buffers: Arc::default(),
        })
    }

    /// This client with another one's time: for tests that begin a process again in the middle of simulated time.
    #[doc(hidden)]
    pub fn at_the_time_of(mut self, other: &Client<T>) -> Client<T> {
        self.clock = other.clock.beside();
        self
    }

    /// Sets the token for Graph; `None` forgets it. Requests under way keep the one they began with.
    pub fn set_token(&self, token: Option<Secret>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    pub(crate) fn token(&self) -> Option<Secret> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Graph's base URL, without a slash at its end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where open sessions are recorded.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Whether there is a token.
    pub fn has_token(&self) -> bool {
        self.token().is_some()
    }

    /// A number from 0 to 1.
    pub(crate) fn random(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// The pause that an answer asks for. A date is one of the service's clock, as the answer's own is.
    pub(crate) fn retry_after(&self, answer: &Answer) -> Option<Duration> {
        let now = answer.header("date").and_then(service_time).unwrap_or_else(|| self.clock.now());
        retry_after(answer.header("retry-after")?, now)
    }

    /// The headers of every request. INVARIANT: the token goes to the Graph host and to no other.
    pub(crate) fn headers(&self, url: &str, with_token: bool) -> Result<Vec<(String, String)>, Error> {
        let mut headers = vec![
            ("user-agent".to_owned(), self.user_agent.clone()),
            ("client-request-id".to_owned(), uuid::Uuid::new_v4().to_string()),
        ];
        if with_token && same_host(url, &self.endpoint) {
            let token = self.token().ok_or(Error::NoToken)?;
            headers.push(("authorization".to_owned(), format!("Bearer {}", token.expose())));
        }
        Ok(headers)
    }

    pub(crate) fn renew(&self) {
        self.transport.renew();
    }

    /// Sends a request to Graph, or one without a body to a session, repeating it while that is safe and may help.
    pub(crate) async fn call(&self, call: Call<'_>, progress: &Progress) -> Result<(Answer, Trail), Error> {
        let started = Instant::now();
        let mut url = call.url.to_owned();
        let (mut attempts, mut redirects) = (0, 0);
        let before = progress.waited();
        let may_wait = |after| {
            let waited = progress.waited().saturating_sub(before);
            waited + after <= GRAPH_WAIT_BUDGET && progress.may_wait(after)
        };
        loop {
            // What frees the service of a session never waits.
            if call.method != Method::Delete {
                self.admit(&url, progress, may_wait).await?;
            }
            let mut headers = self.headers(&url, call.with_token)?;
            let given = |own: &str| call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(own));
            headers.retain(|(own, _)| !given(own));
            headers.extend_from_slice(call.headers);
            let with_token = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            let request = Request {
                method: call.method,
                url: Secret::new(url.clone()),
                headers,
                body: call.body.clone().map_or(Body::None, Body::Bytes),
            };
            let result = self.send(request, progress, attempts > 0).await;
            attempts += 1;
            let trail = || Trail {
                method: call.method.name(),
                target: redacted(&url),
                with_token,
                attempts,
                elapsed: started.elapsed(),
            };
            let (after, failure) = match result {
                Ok(answer) if answer.is_success() => return Ok((answer, trail())),
                Ok(answer) => {
                    if let Some(target) = redirect(&answer, &url)
                        && redirects < REDIRECTS
                    {
                        redirects += 1;
                        url = target;
                        continue;
                    }
                    let wished = self.retry_after(&answer);
                    let graph = GraphError::parse(&answer.body);
                    let verdict = verdict(call.purpose, answer.status, &graph, false);
                    let again =
                        matches!(verdict, Verdict::Throttled | Verdict::Passing { .. } | Verdict::Locked);
                    let trail = trail();
                    let refusal = Refusal { answer, graph, trail, retry_after: wished };
                    (again.then(|| pause(wished, attempts, self.random())), Error::Refused(Box::new(refusal)))
                }
                Err(TransportError { fault, source }) => {
                    let again = may_repeat(call.purpose, fault);
                    if again {
                        self.renew();
                    }
                    let after = again.then(|| pause(None, attempts, self.random()));
                    (after, Error::Unreachable { trail: trail(), fault, source })
                }
            };
            match after {
                Some(after) if attempts < GRAPH_ATTEMPTS && may_wait(after) => {
                    progress.wait(Pause::after(&failure, after)).await;
                    progress.enter(Phase::Asking);
                }
                _ => return Err(failure),
            }
        }
    }
}

/// Where a redirect within the same host leads.
fn redirect(answer: &Answer, from: &str) -> Option<String> {
    if !matches!(answer.status, 301 | 302 | 307 | 308) {
        return None;
    }
    let target = url::Url::parse(from).ok()?.join(answer.header("location")?).ok()?;
    same_host(from, target.as_str()).then(|| target.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is sent in these tests.
    struct Nowhere;

    impl Transport for Nowhere {
        async fn send(&self, _: Request) -> Result<Answer, TransportError> {
            unreachable!()
        }
    }

    fn client(endpoint: &str, user_agent: &str) -> Client<Nowhere> {
        let options = ClientOptions {
            graph_endpoint: endpoint.into(),
            user_agent: user_agent.into(),
            ..ClientOptions::default()
        };
        Client::over(Nowhere, options).unwrap()
    }

    fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
        headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    #[tokio::test]
    async fn the_token_goes_to_graph_alone() {
        let client = client("https://graph.test/", "");
        assert_eq!(client.endpoint(), "https://graph.test");
        let with = |url, with_token| client.headers(url, with_token);
        assert!(matches!(with("https://graph.test/x", true), Err(Error::NoToken)));
        client.set_token(Some(Secret::new("t")));
        for (url, wanted, given) in [
            ("https://graph.test/v1.0/x", true, true),
            ("https://graph.test:443/x", true, true),
            ("https://graph.test/v1.0/x", false, false),
            ("https://upload.test/x", true, false),
            ("https://graph.test:444/x", true, false),
            ("http://graph.test/x", true, false),
        ] {
            let headers = with(url, wanted).unwrap();
            assert_eq!(value(&headers, "authorization"), given.then_some("Bearer t"), "{url} {wanted}");
        }
        client.set_token(None);
        assert!(!client.has_token() && with("https://graph.test/x", true).is_err());
    }

    #[tokio::test]
    async fn every_request_says_who_asks_and_has_an_id_of_its_own() {
        let (own, named) = (client("https://g", ""), client("https://g", "me/1"));
        let headers = |client: &Client<Nowhere>| client.headers("https://h", false).unwrap();
        assert!(value(&headers(&own), "user-agent").unwrap().starts_with("NONISV|MgUpload|MgUpload/"));
        assert_eq!(value(&headers(&named), "user-agent"), Some("me/1"));
        let id = || value(&headers(&own), "client-request-id").unwrap().to_owned();
        assert!(id().len() == 36 && id() != id());
    }

    #[test]
    fn redirects_are_followed_within_a_host() {
        let from = "https://h/a/b?c";
        for (status, location, target) in [
            (301, Some("https://h/x"), Some("https://h/x")),
            (302, Some("/x?y"), Some("https://h/x?y")),
            (307, Some("x"), Some("https://h/a/x")),
            (308, Some("https://h:443/x"), Some("https://h/x")),
            (303, Some("https://h/x"), None),
            (300, Some("https://h/x"), None),
            (200, Some("https://h/x"), None),
            (307, Some("https://h:444/x"), None),
            (307, Some("http://h/x"), None),
            (307, Some("https://i/x"), None),
            (307, Some("//i/x"), None),
            (307, None, None),
        ] {
            let headers = location.map(|to| ("Location".to_owned(), to.to_owned())).into_iter().collect();
            let answer = Answer { status, headers, body: vec![] };
            assert_eq!(redirect(&answer, from).as_deref(), target, "{status} {location:?}");
        }
    }
}
