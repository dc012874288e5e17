//! The transport over HTTP/1.1 and TLS.
//!
//! HTTP/1.1 only: an upload is one sequential stream, for which HTTP/2 brings nothing but flow-control windows, and its
//! faults in client libraries are a known pain of this service.

use std::sync::RwLock;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Proxy, redirect};

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

/// HTTP by reqwest.
pub struct Http {
    proxy: Option<ProxyOptions>,
    local: bool,
    client: RwLock<Client>,
}

impl Http {
    /// A transport with a connection pool of its own. `local`: it talks to this machine, past the system's proxy. Fails
    /// where TLS or the proxy cannot be set up.
    pub fn new(proxy: Option<ProxyOptions>, local: bool) -> Result<Http, TransportError> {
        let client = build(proxy.as_ref(), local)?;
        Ok(Http { proxy, local, client: RwLock::new(client) })
    }

    fn client(&self) -> Client {
        self.client.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

fn build(proxy: Option<&ProxyOptions>, local: bool) -> Result<Client, TransportError> {
    // Debian, and several of our targets, have no aws-lc; a second installation is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder: ClientBuilder = Client::builder()
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true);
    if local {
        // What is allowed to go without TLS must not leave the machine.
        builder = builder.no_proxy();
    }
    if let Some(options) = proxy {
        let mut proxy = Proxy::all(&options.url).map_err(sorted)?;
        if let Some((user, password)) = &options.credentials {
            proxy = proxy.basic_auth(user, password.expose());
        }
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(sorted)
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
        let mut response = self.client().execute(wire).await.map_err(sorted)?;
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
        if let Ok(client) = build(self.proxy.as_ref(), self.local) {
            *self.client.write().unwrap_or_else(std::sync::PoisonError::into_inner) = client;
        }
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
