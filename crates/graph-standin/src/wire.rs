//! Reading requests from a connection and writing answers to it.

mod stream;

use graph_standin::{Answer, Head, Listener};
use std::io;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(crate) use stream::Io;

pub(crate) const BUFFER: usize = 256 * 1024;
pub(crate) const SINK_BUFFER: usize = 2 * 1024 * 1024;
/// How late tokio's timer may be. Benchmarks count in milliseconds, so that the end of a wait is waited for awake.
const TIMER_ERROR: Duration = Duration::from_millis(2);
const HEAD_MAX: usize = 128 * 1024;
const CHUNKED_MAX: usize = 128 * 1024 * 1024;

/// A connection and what was read of it ahead.
pub(crate) struct Wire {
    io: Io,
    /// INVARIANT: `buffer[from..to]` was read and not used yet.
    buffer: Vec<u8>,
    from: usize,
    to: usize,
}

impl Wire {
    pub(crate) fn new(io: Io, buffer: usize) -> Self {
        Self { io, buffer: vec![0; buffer], from: 0, to: 0 }
    }

    /// The next request's head; None when the client is done. `InvalidData` when it is no HTTP.
    pub(crate) async fn head(&mut self, listener: Listener) -> io::Result<Option<Head>> {
        loop {
            if let Some((head, length)) = parse(&self.buffer[self.from..self.to], listener)? {
                self.from += length;
                return Ok(Some(head));
            }
            if self.to - self.from >= HEAD_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if !self.fill().await? {
                return if self.from == self.to {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }

    /// Hands `length` bytes of the body to `take`.
    pub(crate) async fn body(&mut self, length: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            if self.from == self.to && !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let there = self.to - self.from;
            let count = usize::try_from(left).map_or(there, |left| left.min(there));
            take(&self.buffer[self.from..self.from + count]);
            self.from += count;
            left -= count as u64;
        }
        Ok(())
    }

    /// The whole body in memory, chunked or not.
    pub(crate) async fn whole_body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if !is_chunked(head) {
            self.body(head.content_length().unwrap_or(0), |bytes| body.extend_from_slice(bytes)).await?;
            return Ok(body);
        }
        loop {
            let size = self.line().await?;
            let size = size.split(';').next().unwrap_or_default().trim();
            let size =
                u64::from_str_radix(size, 16).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            if body.len() as u64 + size > CHUNKED_MAX as u64 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.body(size, |bytes| body.extend_from_slice(bytes)).await?;
            self.line().await?;
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        loop {
            self.body(1, |byte| line.extend_from_slice(byte)).await?;
            if line.ends_with(b"\n") {
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if line.len() > 1024 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }

    /// Reads more; false at the end of the stream.
    async fn fill(&mut self) -> io::Result<bool> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        } else if self.to == self.buffer.len() {
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        let count = self.io.read(&mut self.buffer[self.to..]).await?;
        self.to += count;
        Ok(count > 0)
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    /// The connection ends with a reset once this is dropped.
    pub(crate) fn reset(&self) -> io::Result<()> {
        self.io.tcp().set_zero_linger()
    }

    /// Waits; true when the client closed the connection meanwhile.
    pub(crate) async fn hung_up_within(&mut self, time: Duration) -> bool {
        let (room, end) = (self.to < self.buffer.len(), Instant::now() + time);
        let wait = async {
            if room { matches!(self.fill().await, Ok(false) | Err(_)) } else { std::future::pending().await }
        };
        let hung_up = tokio::time::timeout(time.saturating_sub(TIMER_ERROR), wait).await.unwrap_or(false);
        while !hung_up && Instant::now() < end {
            tokio::task::yield_now().await;
        }
        hung_up
    }
}

fn parse(bytes: &[u8], listener: Listener) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let length = match request.parse(bytes).map_err(|_| invalid())? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let header =
        |h: &httparse::Header<'_>| (h.name.to_owned(), String::from_utf8_lossy(h.value).into_owned());
    Ok(Some((
        Head {
            listener,
            method: request.method.ok_or_else(invalid)?.to_owned(),
            target: request.path.ok_or_else(invalid)?.to_owned(),
            headers: request.headers.iter().map(header).collect(),
        },
        length,
    )))
}

pub(crate) fn is_chunked(head: &Head) -> bool {
    head.header("Transfer-Encoding").is_some_and(|v| v.to_lowercase().contains("chunked"))
}

pub(crate) fn expects_continue(head: &Head) -> bool {
    head.header("Expect").is_some_and(|v| v.eq_ignore_ascii_case("100-continue"))
}

pub(crate) fn wants_close(head: &Head) -> bool {
    head.header("Connection").is_some_and(|v| v.eq_ignore_ascii_case("close"))
}

/// An answer as bytes.
pub(crate) fn encode(answer: &Answer, head_only: bool) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {}\r\n", value.replace(['\r', '\n'], " ")));
    }
    if answer.status != 204 && answer.header("Content-Length").is_none() {
        text.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    if !head_only && answer.status != 204 {
        bytes.extend_from_slice(&answer.body);
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        _ => "Status",
    }
}
