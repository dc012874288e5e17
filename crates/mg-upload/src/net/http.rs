//! The transport over HTTP/1.1 and TLS.
//!
//! HTTP/1.1 only: an upload is one sequential stream, for which HTTP/2 brings nothing but flow-control windows, and its
//! faults in client libraries are a known pain of this service.

use std::collections::HashMap;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::runtime::{self, Handle};

use super::connect::Connector;
use super::fault::{broken_off, sorted};
use super::proxy::{ProxyOptions, Rule};
use super::watch::{Pieces, Watch, on_watch};
use super::{Body, Method, Request, StreamBody, Transport, TransportError};
use crate::error::TransportFault;
use crate::exact_url;
use crate::response::Response;

/// No answer of these services is larger; a larger one is not read on.
const BODY_LIMIT: usize = 8 << 20;
/// Of what an answer says of its length so much is believed before it comes.
const AT_ONCE: usize = 1 << 20;
const SHORTEST_LIMIT: Duration = Duration::from_millis(1);
const LONGEST_LIMIT: Duration = Duration::from_secs(86_400);

/// How a transport reaches its hosts.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// A proxy in place of the system's.
    pub proxy: Option<ProxyOptions>,
    /// Hosts that are reached without a proxy, a list as in `NO_PROXY`; loopback always is.
    pub direct: String,
    /// A PEM file of certificates that are trusted besides those which the system trusts.
    pub ca_file: Option<PathBuf>,
    /// How long making a connection may take: its name, its way through a proxy, its TLS.
    pub connect_timeout: Duration,
    /// How long a connection may be silent: no byte taken, none heard. Once a request's body has left, as many seconds more as
    /// its bytes take at 64 KiB a second.
    pub idle_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> HttpOptions {
        HttpOptions {
            proxy: None,
            direct: String::new(),
            ca_file: None,
            connect_timeout: Duration::from_secs(30),
            // A large file's commit takes its time.
            idle_timeout: Duration::from_secs(100),
        }
    }
}

impl HttpOptions {
    /// What is wrong with the limits, where something is.
    pub(crate) fn check_limits(&self) -> Result<(), String> {
        for (name, limit) in [("connect", self.connect_timeout), ("idle", self.idle_timeout)] {
            if !(SHORTEST_LIMIT..=LONGEST_LIMIT).contains(&limit) {
                return Err(format!(
                    "the {name} timeout is {limit:?}; it may be from 1 ms to a day (86400 s)"
                ));
            }
        }
        Ok(())
    }
}

type Pool = Client<Connector, StreamBody>;

/// HTTP by hyper: one connection pool for each runtime that sends. A connection is fed by a task of the runtime that
/// opened it, and ends with that; what another runtime sent over it would wander from thread to thread. The pool of a
/// runtime that has ended is kept as long as this is: not for those who make a runtime for each upload.
pub struct Http {
    connector: Connector,
    rule: Arc<Rule>,
    connect_timeout: Duration,
    pools: RwLock<HashMap<runtime::Id, Pool>>,
}

impl Http {
    /// A transport with connections of its own. Everything that it takes from the environment is read here. Fails, with the
    /// reason, where TLS or the proxy cannot be set up.
    pub fn new(options: &HttpOptions) -> Result<Http, String> {
        let rule = Arc::new(Rule::new(options.proxy.as_ref(), &options.direct)?);
        let tls = tls(options.ca_file.as_deref())?;
        let connect_timeout = options.connect_timeout;
        let connector = Connector::new(tls, Arc::clone(&rule), connect_timeout);
        Ok(Http { connector, rule, connect_timeout, pools: RwLock::default() })
    }

    /// Sets the proxy for a host, as the system has told it; for every host that has none of its own where `host` is empty.
    /// An empty `proxy` means none. It holds for connections that are made from now on, where the options name no proxy.
    pub fn set_route(&self, host: &str, proxy: &str) -> Result<(), String> {
        self.rule.tell(host, proxy)
    }

    /// The pool of the runtime that asks.
    fn pool(&self) -> Pool {
        let here = Handle::current().id();
        if let Some(pool) = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&here) {
            return pool.clone();
        }
        let made = || {
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(self.connector.clone())
        };
        self.pools.write().unwrap_or_else(PoisonError::into_inner).entry(here).or_insert_with(made).clone()
    }
}

/// TLS with the certificates that the system trusts and those of `ca_file`, read once for all pools; what they remember of
/// servers is shared too. The provider is named: Debian, and several of our targets, have no aws-lc.
fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = match ca_file {
        None => Verifier::new(Arc::clone(&provider)),
        Some(file) => Verifier::new_with_extra_roots(certificates(file)?, Arc::clone(&provider)),
    }
    .map_err(|error| error.to_string())?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let why = match read {
        Ok(found) if Vec::is_empty(&found) => "it holds no certificate in PEM form".to_owned(),
        Ok(found) => return Ok(found),
        Err(error) => error.to_string(),
    };
    Err(format!("the certificate file '{}' is unusable: {why}", file.display()))
}

impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let watch = Arc::clone(&request.watch);
        let sending = self.pool().request(on_the_wire(request)?);
        let response =
            on_watch(&watch, sending).await.map_err(|error| sorted(&error, self.connect_timeout))?;
        watch.heard(1);
        let (head, body) = response.into_parts();
        let headers = head.headers.iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        Ok(Response { status: head.status.as_u16(), headers, body: read(body, &watch).await? })
    }

    fn renew(&self) {
        // The old pool lives on only for requests that are under way in it.
        self.pools.write().unwrap_or_else(PoisonError::into_inner).remove(&Handle::current().id());
    }
}

fn on_the_wire(request: Request) -> Result<http::Request<StreamBody>, TransportError> {
    let uri = exact_url::parse(request.url.expose()).map_err(|why| {
        TransportError::new(TransportFault::Unsendable, format!("the URL is unusable: {why}"))
    })?;
    let at_hand = |rest| Box::pin(Pieces { rest, watch: request.watch }) as StreamBody;
    let mut wire = http::Request::new(match request.body {
        Body::None => at_hand(Bytes::new()),
        Body::Bytes(rest) => at_hand(rest),
        Body::Stream(stream) => stream,
    });
    *wire.method_mut() = match request.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    };
    *wire.uri_mut() = uri;
    *wire.headers_mut() = header_map(&request.headers)?;
    Ok(wire)
}

async fn read<B>(mut body: B, watch: &Watch) -> Result<Vec<u8>, TransportError>
where
    B: http_body::Body<Data = Bytes, Error: std::error::Error + 'static> + Unpin,
{
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut whole = Vec::with_capacity(told.min(AT_ONCE));
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|error| broken_off(&error))?.into_data() else { continue };
        watch.heard(data.len() as u64);
        if whole.len() + data.len() > BODY_LIMIT {
            return Err(TransportError::new(TransportFault::Decode, "the answer is too large"));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut map = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let bad =
            || TransportError::new(TransportFault::Unsendable, format!("the header '{name}' cannot be sent"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad())?;
        value.set_sensitive(name == AUTHORIZATION);
        map.append(name, value);
    }
    map.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    Ok(map)
}
