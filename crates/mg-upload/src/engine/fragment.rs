//! What became of one fragment on its way out: how much of it was taken, and how long that took.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::net::{BoxError, StreamBody};
use crate::protocol::range::ByteRange;

/// A fragment that is being sent.
#[derive(Debug, Clone)]
pub(super) struct Fragment {
    pub range: ByteRange,
    way: Arc<Way>,
}

#[derive(Debug, Default)]
struct Way {
    taken: AtomicU64,
    began: OnceLock<Instant>,
}

impl Fragment {
    /// The fragment, and its body, which tells what becomes of it.
    pub fn watched(range: ByteRange, body: StreamBody) -> (Fragment, StreamBody) {
        let way = Arc::<Way>::default();
        (Fragment { range, way: Arc::clone(&way) }, Box::pin(Watched { body, way }))
    }

    /// The offset behind the last byte that the transport has taken.
    pub fn reach(&self) -> u64 {
        self.range.first + self.way.taken.load(Relaxed)
    }

    /// How long it has been on its way.
    pub fn time(&self) -> Duration {
        self.way.began.get().map_or(Duration::ZERO, Instant::elapsed)
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
        self.way.began.get_or_init(Instant::now);
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
