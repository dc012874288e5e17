//! Moving requests and answers. Nothing here knows Graph; nothing above it knows the HTTP library.

mod connect;
mod fault;
mod http;
mod proxy;
#[cfg(test)]
mod tests;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body as HttpBody;

use crate::error::TransportFault;
use crate::response::{Response, header_in};
use crate::secret::Secret;

pub use http::{Http, HttpOptions};
pub use proxy::ProxyOptions;
pub use watch::Watch;

/// An HTTP method that this crate uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it is written in a request.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// A body whose length is known and that is read as it is sent.
pub type StreamBody = Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send + Sync>>;

/// Any error, behind a box.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request's body.
pub enum Body {
    /// No body.
    None,
    /// Bytes at hand.
    Bytes(Bytes),
    /// Bytes read while they are sent.
    Stream(StreamBody),
}

impl Body {
    /// How many bytes it has; as many as are known to come, where they are read while they are sent.
    pub fn len(&self) -> u64 {
        match self {
            Body::None => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Stream(stream) => stream.size_hint().lower(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One HTTP request.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL, sent byte for byte.
    pub url: Secret,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// Where the transport notes what moves.
    pub watch: Arc<Watch>,
}

impl Request {
    /// The first header of this name, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header_in(&self.headers, name)
    }
}

/// A request that brought no answer.
#[derive(Debug, thiserror::Error)]
#[error("{fault:?}")]
pub struct TransportError {
    /// What the retry rule reads.
    pub fault: TransportFault,
    /// The library's reason; its text names no URL.
    pub source: BoxError,
}

impl TransportError {
    /// An error of this kind with a reason in words.
    pub fn new(fault: TransportFault, reason: impl Into<BoxError>) -> TransportError {
        TransportError { fault, source: reason.into() }
    }
}

/// Something that sends requests: HTTP, or a service in the same process.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads its answer to the end. Dropping the future abandons the request.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + Send;

    /// Makes the next request use a new connection, after a fault of the one in use.
    fn renew(&self) {}
}
