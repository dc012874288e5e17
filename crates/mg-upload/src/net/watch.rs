//! What moves on a request's connection: the transport notes it, the client looks whether it is silent.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::BoxError;

/// What a transport notes of a request that is on its way.
#[derive(Debug, Default)]
pub struct Watch {
    is_connecting: AtomicBool,
    taken: AtomicU64,
    heard: AtomicU64,
}

impl Watch {
    /// Notes that bytes of a body at hand have left; those of a stream are counted where they are read.
    pub fn took(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Relaxed);
    }

    /// Notes bytes of the answer that have come.
    pub fn heard(&self, bytes: u64) {
        self.heard.fetch_add(bytes, Relaxed);
    }

    /// How many bytes of a body at hand have left.
    pub fn bytes_taken(&self) -> u64 {
        self.taken.load(Relaxed)
    }

    /// How many bytes of the answer have come, its head counted as one.
    pub fn bytes_heard(&self) -> u64 {
        self.heard.load(Relaxed)
    }

    /// Whether a connection is being made for the request, which has a limit of its own.
    pub fn is_connecting(&self) -> bool {
        self.is_connecting.load(Relaxed)
    }
}

tokio::task_local! {
    /// The HTTP library does not say for which request it makes a connection; it makes it where it is asked to send.
    static ON_ITS_WAY: Arc<Watch>;
}

/// Sends a request, so that `making` knows it.
pub(super) async fn on_watch<R>(watch: &Arc<Watch>, sending: impl Future<Output = R>) -> R {
    ON_ITS_WAY.scope(Arc::clone(watch), sending).await
}

/// Makes a connection, and notes that for the request which waits for it.
pub(super) async fn making<C>(connecting: impl Future<Output = C>) -> C {
    let _noted = ON_ITS_WAY.try_with(Arc::clone).ok().map(Connecting::begin);
    connecting.await
}

/// Noted until it is dropped.
struct Connecting(Arc<Watch>);

impl Connecting {
    fn begin(watch: Arc<Watch>) -> Connecting {
        watch.is_connecting.store(true, Relaxed);
        Connecting(watch)
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.is_connecting.store(false, Relaxed);
    }
}

/// A body at hand, in pieces: as one, nobody could tell whether it moves.
pub(super) struct Pieces {
    pub rest: Bytes,
    pub watch: Arc<Watch>,
}

impl Pieces {
    const LONGEST: usize = 64 * 1024;
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(Pieces::LONGEST);
        let piece = self.rest.split_to(length);
        self.watch.took(length as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
