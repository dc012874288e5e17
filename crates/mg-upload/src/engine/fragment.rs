//! What became of one fragment on its way out: how much of it was taken, and how long that took.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::locked::locked;
use crate::net::{BoxError, StreamBody};
use crate::protocol::range::ByteRange;

/// A fragment that is being sent.
#[derive(Debug)]
pub(super) struct Fragment {
    pub range: ByteRange,
    way: Arc<Way>,
}

/// What is known of a fragment once its request has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub range: ByteRange,
    /// The offset behind its last byte that the transport has taken.
    pub reach: u64,
    /// How long it was on its way, answer included.
    pub time: Duration,
}

#[derive(Debug, Default)]
struct Way {
    taken: AtomicU64,
    began: Mutex<Option<Instant>>,
}

impl Way {
    fn began(&self) -> MutexGuard<'_, Option<Instant>> {
        locked(&self.began)
    }
}

impl Fragment {
    pub fn new(range: ByteRange) -> Fragment {
        Fragment { range, way: Arc::default() }
    }

    /// The body of another attempt at it, which tells what becomes of it.
    pub fn watched(&self, body: StreamBody) -> StreamBody {
        self.way.taken.store(0, Relaxed);
        *self.way.began() = None;
        Box::pin(Watched { body, way: Arc::clone(&self.way) })
    }

    /// What is known of it by now.
    pub fn sent(&self) -> Sent {
        Sent {
            range: self.range,
            reach: self.range.first + self.way.taken.load(Relaxed),
            time: self.way.began().as_ref().map_or(Duration::ZERO, Instant::elapsed),
        }
    }
}

impl Sent {
    /// Whether all of it has left. No answer that came before can mean that it has arrived.
    pub fn is_whole(&self) -> bool {
        self.reach == self.range.end()
    }
}

struct Watched {
    body: StreamBody,
    way: Arc<Way>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.way.taken.load(Relaxed) == 0 {
            self.way.began().get_or_insert_with(Instant::now);
        }
        let frame = self.body.as_mut().poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.way.taken.fetch_add(frame.data_ref().map_or(0, |bytes| bytes.len() as u64), Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
