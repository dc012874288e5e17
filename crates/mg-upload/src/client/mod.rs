//! The client: a Graph endpoint, a token, and requests sent with patience.

mod clock;
mod commit;
mod create;
mod empty_file;
mod exchange;
mod file_by_id;
pub(crate) mod find;
mod gate;
mod known;
mod on_record;
mod patience;
mod retry;
mod sessions;
mod silence;
mod token;

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::protocol::backoff::retry_after;
use crate::response::Response;

use crate::address::{check_url, same_host};
use crate::journal::{Journal, Remembered};
use crate::net::{Http, HttpOptions, Transport};
use crate::secret::Secret;
use crate::source::Pool;

use clock::{Clock, service_time};
use gate::Gate;
use token::Tokens;

pub use commit::ConflictBehavior;
pub use create::Created;
pub use on_record::Named;
pub(crate) use patience::{Once, Patience};
pub(crate) use retry::{Call, Content, Setback};
pub use sessions::{Answered, read_created};
pub(crate) use sessions::{lost, session_lost};

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
    /// How long a token is waited for that [`Progress::wanted`](crate::Progress::wanted) asks for; zero: nobody is asked, and
    /// what lacks a token, or has a refused one, fails.
    pub token_patience: Duration,
}

/// Sends requests to one Graph endpoint and to the upload URLs that it hands out.
pub struct Client<T = Http> {
    pub(crate) transport: T,
    pub(crate) endpoint: String,
    user_agent: String,
    pub(crate) tokens: Tokens,
    pub(crate) gate: Gate,
    pub(crate) clock: Clock,
    journal: Option<Journal>,
    pub(crate) finished: Remembered,
    /// Attachments that are known: none of them is one whose answer was lost.
    pub(crate) attached: known::Known,
    /// Shared by all uploads: an upload of a small file would else spend its time on fresh memory.
    pub(crate) buffers: Arc<Pool>,
    idle_timeout: Duration,
}

impl Client<Http> {
    /// A client over HTTP.
    pub fn new(options: ClientOptions) -> Result<Client<Http>, Error> {
        let transport = Http::new(&options.http)
            .map_err(|why| Error::InvalidInput(format!("no HTTP client can be set up: {why}")))?;
        Client::over(transport, options)
    }

    /// Sets the proxy for a host, as [`Http::set_route`] does.
    pub fn set_route(&self, host: &str, proxy: &str) -> Result<(), Error> {
        self.transport.set_route(host, proxy).map_err(Error::InvalidInput)
    }
}

impl<T: Transport> Client<T> {
    /// A client over any transport; of `options.http` all but the idle limit is the transport's business.
    pub fn over(transport: T, options: ClientOptions) -> Result<Client<T>, Error> {
        options.http.check_limits().map_err(Error::InvalidInput)?;
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
            tokens: Tokens::new(options.token_patience),
            gate: Gate::default(),
            clock: Clock::start(),
            journal: options.journal,
            finished: Remembered::default(),
            attached: known::Known::default(),
            buffers: Arc::default(),
            idle_timeout: options.http.idle_timeout,
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
        self.tokens.set(token, None);
    }

    /// Answers the question of that number with a token and how long it lives, where that is known; `None`: there is none to
    /// be had, and what waits for it fails. Whether the question was still open: else the answer changes nothing.
    pub fn answer_token(&self, number: u64, token: Option<Secret>, lives: Option<Duration>) -> bool {
        self.tokens.answer(number, token, lives)
    }

    /// Whether a token is still wanted.
    pub fn wants_token(&self, number: u64) -> bool {
        self.tokens.is_open(number)
    }

    pub(crate) fn token(&self) -> Option<Secret> {
        self.tokens.present()
    }

    /// Graph's base URL, without a slash at its end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where open sessions are recorded.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Whether there is a token, or one may be had.
    pub fn has_token(&self) -> bool {
        self.tokens.may_have()
    }

    /// The pause that an answer asks for. A date is one of the service's clock, as the answer's own is.
    pub(crate) fn retry_after(&self, response: &Response) -> Option<Duration> {
        let now = response.header("date").and_then(service_time).unwrap_or_else(|| self.clock.now());
        retry_after(response.header("retry-after")?, now)
    }

    pub(crate) fn renew(&self) {
        self.transport.renew();
    }

    /// The headers of every request. INVARIANT: the token goes to the Graph host and to no other.
    pub(crate) fn headers(&self, url: &str, with_token: bool) -> Result<Vec<(String, String)>, Error> {
        let mut headers = vec![
            ("user-agent".to_owned(), self.user_agent.clone()),
            ("client-request-id".to_owned(), request_id()),
        ];
        if with_token && same_host(url, &self.endpoint) {
            let token = self.token().ok_or(Error::NoToken)?;
            headers.push(("authorization".to_owned(), format!("Bearer {}", token.expose())));
        }
        Ok(headers)
    }
}

/// An id to find a request again by: no secret, so that the system need not be asked for it.
fn request_id() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Request, TransportError};

    /// Nothing is sent in these tests.
    struct Nowhere;

    impl Transport for Nowhere {
        async fn send(&self, _: Request) -> Result<Response, TransportError> {
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
}
