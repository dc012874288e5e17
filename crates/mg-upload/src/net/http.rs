//! The transport over HTTP/1.1 and TLS.
//!
//! HTTP/1.1 only: an upload is one sequential stream, for which HTTP/2 brings nothing but flow-control windows, and its
//! faults in client libraries are a known pain of this service.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Proxy, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::runtime::{self, Handle};
use tower::util::MapFutureLayer;

use super::fault::sorted;
use super::proxy::{self, ProxyOptions, Routes};
use super::watch::{Pieces, making, on_watch};
use super::{Body, Method, Request, Transport, TransportError, exact_url};
use crate::error::TransportFault;
use crate::response::Response;
use crate::system::unacknowledged_for;

/// No answer of these services is larger; a larger one is not read on.
const BODY_LIMIT: usize = 8 << 20;
/// So long Linux waits for a peer that acknowledges nothing: sent bytes, and what begins a connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
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

/// HTTP by reqwest: one connection pool for each runtime that sends. A connection is fed by a task of the runtime that
/// opened it, and ends with that; what another runtime sent over it would wander from thread to thread. The pool of a
/// runtime that has ended is kept as long as this is: not for those who make a runtime for each upload.
pub struct Http {
    tls: ClientConfig,
    proxy: Proxy,
    routes: Arc<Routes>,
    connect_timeout: Duration,
    pools: RwLock<HashMap<runtime::Id, Client>>,
}

impl Http {
    /// A transport with connections of its own. Everything that it takes from the environment is read here. Fails, with the
    /// reason, where TLS or the proxy cannot be set up.
    pub fn new(options: &HttpOptions) -> Result<Http, String> {
        let routes = Arc::<Routes>::default();
        let proxy = proxy::rule(options.proxy.as_ref(), &options.direct, Arc::clone(&routes))?;
        let tls = tls(options.ca_file.as_deref())?;
        Ok(Http { tls, proxy, routes, connect_timeout: options.connect_timeout, pools: RwLock::default() })
    }

    /// Sets the proxy for a host, as the system has told it; for every host that has none of its own where `host` is empty.
    /// An empty `proxy` means none. It holds for connections that are made from now on, where the options name no proxy.
    pub fn set_route(&self, host: &str, proxy: &str) -> Result<(), String> {
        self.routes.set(host, proxy)
    }

    /// The pool of the runtime that asks.
    fn pool(&self) -> Result<Client, TransportError> {
        let here = Handle::current().id();
        if let Some(client) = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&here) {
            return Ok(client.clone());
        }
        let client = self.build().map_err(|error| sorted(error, self.connect_timeout))?;
        Ok(self.pools.write().unwrap_or_else(PoisonError::into_inner).entry(here).or_insert(client).clone())
    }

    fn build(&self) -> reqwest::Result<Client> {
        let acknowledged = self.connect_timeout.max(UNACKNOWLEDGED);
        unacknowledged_for(Client::builder(), acknowledged)
            .http1_only()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect_timeout)
            .connector_layer(MapFutureLayer::new(making))
            .tcp_nodelay(true)
            // The library's own look at the system's proxies comes with every pool.
            .no_proxy()
            .proxy(self.proxy.clone())
            .build()
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
        let url = exact_url::parse(request.url.expose()).map_err(|why| {
            TransportError::new(TransportFault::Unsendable, format!("the URL is unusable: {why}"))
        })?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut wire = reqwest::Request::new(method, url);
        *wire.headers_mut() = header_map(&request.headers)?;
        *wire.body_mut() = match request.body {
            Body::None => None,
            Body::Bytes(rest) => {
                Some(reqwest::Body::wrap(Pieces { rest, watch: Arc::clone(&request.watch) }))
            }
            Body::Stream(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let watch = request.watch;
        let sort = |error| sorted(error, self.connect_timeout);
        let sent = on_watch(&watch, self.pool()?.execute(wire)).await;
        let mut response = sent.map_err(sort)?;
        watch.heard(1);
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(sort)? {
            watch.heard(chunk.len() as u64);
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(TransportError::new(TransportFault::Decode, "the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }

    fn renew(&self) {
        // The old pool lives on only for requests that are under way in it.
        self.pools.write().unwrap_or_else(PoisonError::into_inner).remove(&Handle::current().id());
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let bad =
            || TransportError::new(TransportFault::Unsendable, format!("the header '{name}' cannot be sent"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad())?;
        value.set_sensitive(name == "authorization");
        map.append(name, value);
    }
    Ok(map)
}
