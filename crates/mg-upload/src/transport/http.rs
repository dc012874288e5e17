//! The transport over HTTP/1.1 and TLS.
//!
//! HTTP/1.1 only: an upload is one sequential stream, for which HTTP/2 brings nothing but flow-control windows, and its
//! faults in client libraries are a known pain of this service.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Proxy, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::runtime::{self, Handle};

use super::{Body, Method, Request, Transport, TransportError, exact_url};
use crate::answer::Answer;
use crate::error::TransportFault;
use crate::secret::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// No answer of these services is larger; a larger one is not read on.
const BODY_LIMIT: usize = 8 << 20;

/// A proxy other than the system's.
#[derive(Debug, Clone)]
pub struct ProxyOptions {
    /// The proxy's URL.
    pub url: String,
    /// User name and password for it.
    pub credentials: Option<(String, Secret)>,
}

/// HTTP by reqwest: one connection pool for each runtime that sends. A connection is fed by a task of the runtime that
/// opened it, and ends with that; what another runtime sent over it would wander from thread to thread. The pool of a
/// runtime that has ended is kept as long as this is: not for those who make a runtime for each upload.
pub struct Http {
    tls: ClientConfig,
    proxy: Option<Proxy>,
    local: bool,
    pools: RwLock<HashMap<runtime::Id, Client>>,
}

impl Http {
    /// A transport with connections of its own. `local`: it talks to this machine, past the system's proxy. Fails where
    /// TLS or the proxy cannot be set up.
    pub fn new(proxy: Option<&ProxyOptions>, local: bool) -> Result<Http, TransportError> {
        let tls = trusting_the_system()
            .map_err(|error| TransportError::new(TransportFault::Unknown, error.to_string()))?;
        let proxy = proxy.map(all_through).transpose().map_err(sorted)?;
        Ok(Http { tls, proxy, local, pools: RwLock::default() })
    }

    /// The pool of the runtime that asks.
    fn pool(&self) -> Result<Client, TransportError> {
        let here = Handle::current().id();
        if let Some(client) = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&here) {
            return Ok(client.clone());
        }
        let client = self.build().map_err(sorted)?;
        Ok(self.pools.write().unwrap_or_else(PoisonError::into_inner).entry(here).or_insert(client).clone())
    }

    fn build(&self) -> reqwest::Result<Client> {
        let mut builder = Client::builder()
            .http1_only()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        if self.local {
            // What is allowed to go without TLS must not leave the machine.
            builder = builder.no_proxy();
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder.build()
    }
}

/// TLS with the certificates that the system trusts, read once for all pools; what they remember of servers is shared
/// too. The provider is named: Debian, and several of our targets, have no aws-lc.
fn trusting_the_system() -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn all_through(options: &ProxyOptions) -> reqwest::Result<Proxy> {
    let proxy = Proxy::all(&options.url)?;
    Ok(match &options.credentials {
        Some((user, password)) => proxy.basic_auth(user, password.expose()),
        None => proxy,
    })
}

impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Answer, TransportError> {
        let url = exact_url::parse(request.url.expose()).map_err(|why| {
            TransportError::new(TransportFault::Unknown, format!("the URL is unusable: {why}"))
        })?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut wire = reqwest::Request::new(method, url);
        *wire.headers_mut() = header_map(&request.headers)?;
        *wire.body_mut() = match request.body {
            Body::None => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let mut response = self.pool()?.execute(wire).await.map_err(sorted)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(sorted)? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(TransportError::new(TransportFault::Decode, "the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
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
            || TransportError::new(TransportFault::Unknown, format!("the header '{name}' cannot be sent"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad())?;
        value.set_sensitive(name == "authorization");
        map.append(name, value);
    }
    Ok(map)
}

/// Sorts the library's error by what the retry rule needs to know. Its own text would name the URL: taken out.
fn sorted(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let fault = if error.is_timeout() {
        TransportFault::Timeout
    } else if error.is_connect() {
        TransportFault::Connect
    } else if error.is_decode() {
        TransportFault::Decode
    } else if error.is_body() {
        TransportFault::Interrupted
    } else if error.is_request() {
        TransportFault::Request
    } else {
        TransportFault::Unknown
    };
    TransportError { fault, source: in_one_line(&error).into() }
}

/// A chain of causes in one line: the outermost text of this library says only that a request failed.
fn in_one_line(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let own = error.to_string();
        if !text.contains(&own) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&own);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A service that says 204 to everything, and counts its connections.
    fn service() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                        if line.is_empty() {
                            (&stream).write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                        }
                    }
                });
            }
        });
        (url, connections)
    }

    #[test]
    fn a_connection_serves_the_runtime_that_opened_it_and_no_other() {
        let (url, connections) = service();
        let http = Http::new(None, true).unwrap();
        let ask = async || {
            let request = Request {
                method: Method::Get,
                url: Secret::new(url.clone()),
                headers: Vec::new(),
                body: Body::None,
            };
            // Over another runtime's connection nothing would ever come.
            let answer = tokio::time::timeout(Duration::from_secs(10), http.send(request)).await.unwrap();
            assert_eq!(answer.unwrap().status, 204);
            connections.load(Ordering::SeqCst)
        };
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (first, second) = (runtime(), runtime());
        assert_eq!((first.block_on(ask()), first.block_on(ask())), (1, 1), "kept open");
        assert_eq!((second.block_on(ask()), second.block_on(ask())), (2, 2), "one of its own");
        drop(first);
        assert_eq!(second.block_on(ask()), 2, "which outlives the other runtime");
        second.block_on(async { http.renew() });
        assert_eq!(second.block_on(ask()), 3, "until a new one is wanted");
    }
}
