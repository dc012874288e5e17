//! Requests and answers as plain values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which of the two listeners a request reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listener {
    /// Graph itself: tokens are wanted.
    Graph,
    /// The host of the upload URLs: tokens are refused.
    Upload,
}

/// The back end that a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// OneDrive and SharePoint files.
    Drive,
    /// Attachments of messages, events and posts.
    Outlook,
    /// Attachments of To Do tasks.
    Todo,
    /// Print documents.
    Print,
}

/// A request without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Where it arrived.
    pub listener: Listener,
    /// The method, in capitals.
    pub method: String,
    /// The request target exactly as on the wire: path and query, no host.
    pub target: String,
    /// The headers in wire order and wire case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The declared length of the body, if it is a number.
    pub fn content_length(&self) -> Option<u64> {
        self.header("Content-Length")?.trim().parse().ok()
    }

    /// Whether nothing says how long the body is: not even chunks do.
    pub(crate) fn is_lengthless(&self) -> bool {
        self.content_length().is_none() && self.header("Transfer-Encoding").is_none()
    }

    /// The target without its query, which may hold secrets.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// A request with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Everything before the body.
    pub head: Head,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer. `Content-Length` is added by whoever writes it to a socket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer with a JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::empty(status).with("Content-Type", "application/json").with_body(body.to_string().into_bytes())
    }

    /// What the web server says before any service sees the request.
    pub fn unusable() -> Self {
        let page = b"<html><body>Bad Request - Invalid URL</body></html>".to_vec();
        Self::empty(400).with("Content-Type", "text/html").with_body(page)
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}
