//! A transport that moves nothing: it reads a request's body to its end and answers as a drive would.

use std::future::poll_fn;

use mg_upload::Response;
use mg_upload::TransportFault;
use mg_upload::net::{Body, Method, Request, Transport, TransportError};
use serde_json::json;

/// A drive that forgets what it is sent.
pub struct Null {
    /// The hash that the finished item is to have: nothing is hashed here, or it would be measured.
    pub quick_xor: String,
}

impl Transport for Null {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let broken = |why: &str| TransportError::new(TransportFault::Request, why.to_owned());
        if request.method != Method::Put {
            return Err(broken("an upload without a fault has only PUTs"));
        }
        let range = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-range"));
        let (end, total) = range
            .and_then(|(_, value)| end_and_total(value))
            .ok_or_else(|| broken("a PUT without a range"))?;
        if let Body::Stream(mut stream) = request.body {
            while let Some(frame) = poll_fn(|context| stream.as_mut().poll_frame(context)).await {
                frame.map_err(|source| TransportError { fault: TransportFault::Interrupted, source })?;
            }
        }
        let (status, body) = if end == total {
            (
                201,
                json!({ "id": "1", "size": total, "file": { "hashes": { "quickXorHash": self.quick_xor } } }),
            )
        } else {
            (202, json!({ "nextExpectedRanges": [format!("{end}-")] }))
        };
        Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}

/// The offset behind a fragment's last byte, and the file's length, of `bytes 0-9/20`.
fn end_and_total(content_range: &str) -> Option<(u64, u64)> {
    let (range, total) = content_range.strip_prefix("bytes ")?.split_once('/')?;
    let (_, last) = range.split_once('-')?;
    Some((last.parse::<u64>().ok()? + 1, total.parse().ok()?))
}
