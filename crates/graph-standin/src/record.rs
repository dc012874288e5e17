//! The record of requests.

use crate::message::{Head, Listener};
use serde::Serialize;

const TEXT_MAX: usize = 64 * 1024;

/// A request as tests see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    #[serde(skip)]
    number: u64,
    /// Where it arrived.
    pub listener: Listener,
    /// The method.
    pub method: String,
    /// The request target as on the wire.
    pub target: String,
    /// The headers in wire order and case.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body that arrived.
    pub body_bytes: u64,
    /// The body, when it is short, text, and no upload.
    pub body: Option<String>,
    /// The status that was answered; none when no whole answer was sent.
    pub status: Option<u16>,
    /// Milliseconds since the start.
    pub at: u64,
}

#[derive(Default)]
pub(crate) struct Log {
    all: Vec<Recorded>,
}

impl Log {
    pub(crate) fn begin(&mut self, number: u64, head: &Head, at: u64) {
        let head = head.clone();
        self.all.push(Recorded {
            number,
            listener: head.listener,
            method: head.method,
            target: head.target,
            headers: head.headers,
            body_bytes: 0,
            body: None,
            status: None,
            at,
        });
    }

    /// Completes a record, unless it was forgotten meanwhile.
    pub(crate) fn end(&mut self, number: u64, bytes: u64, status: Option<u16>, body: Option<Vec<u8>>) {
        let Ok(at) = self.all.binary_search_by_key(&number, |r| r.number) else { return };
        let record = &mut self.all[at];
        (record.body_bytes, record.status) = (bytes, status);
        record.body = body.filter(|b| b.len() <= TEXT_MAX).and_then(|b| String::from_utf8(b).ok());
    }

    pub(crate) fn all(&self) -> &[Recorded] {
        &self.all
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }
}
