//! The request body that reads the file as it is sent.
//!
//! A file in the page cache, or on a fast disk, is read right here, while the request is written: nothing is faster. Once
//! reads take long, the file is on a slow disk or on the network: from then on a thread of its own reads ahead, and no
//! other upload waits for it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::Instant;

use super::FileSource;
use crate::error::Error;
use crate::progress::Progress;
use crate::range::ByteRange;
use crate::transport::BoxError;

/// A read that takes longer comes from something slower than 160 MB/s.
const SLOW: Duration = Duration::from_millis(2);
/// Pieces that wait to be sent. Two bridge the gap from one read to the next; more would only take memory.
const AHEAD: usize = 2;

/// A part of the file. Only a few buffers of it are in memory at a time, here and in the transport.
pub(super) struct RangeBody {
    source: Arc<FileSource>,
    feed: Feed,
    /// Bytes that the transport has not been given yet.
    left: u64,
    progress: Arc<Progress>,
}

enum Feed {
    /// Read when the transport asks.
    Here(Pieces),
    /// Read by a thread.
    Ahead(Receiver<Result<Bytes, Error>>),
}

/// The bytes still to be read.
#[derive(Clone)]
struct Pieces {
    source: Arc<FileSource>,
    position: u64,
    end: u64,
}

impl RangeBody {
    pub(super) fn new(source: Arc<FileSource>, range: ByteRange, progress: Arc<Progress>) -> RangeBody {
        let pieces = Pieces { source: Arc::clone(&source), position: range.first, end: range.end() };
        let feed = if source.is_slow() { pieces.read_ahead() } else { Feed::Here(pieces) };
        RangeBody { source, feed, left: range.len(), progress }
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        let pieces = match &mut self.feed {
            Feed::Here(pieces) => pieces,
            Feed::Ahead(pieces) => return pieces.poll_recv(context).map(Option::transpose),
        };
        let began = Instant::now();
        let piece = pieces.next();
        if self.source.note_read(began.elapsed() > SLOW) {
            self.feed = pieces.clone().read_ahead();
        }
        Poll::Ready(piece)
    }
}

impl Pieces {
    fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut buffer = self.source.pool.take();
        let wanted = buffer.len_for(self.end - self.position);
        if wanted == 0 {
            return Ok(None);
        }
        let piece = &mut buffer.space()[..wanted];
        self.source.read_at(piece, self.position)?;
        self.source.hash_piece(self.position, piece);
        self.position += wanted as u64;
        // INVARIANT: the last piece of a fragment leaves only while the file is what it was when it was opened, so
        // that no service ever has all the bytes of a file that changed under way.
        if self.position == self.end {
            self.source.check_unchanged()?;
        }
        Ok(Some(buffer.freeze(wanted)))
    }

    /// Lets a thread read the rest. It ends with the last piece, at a failure, or when nobody wants more.
    fn read_ahead(mut self) -> Feed {
        let (sender, receiver) = channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            while let Some(piece) = self.next().transpose() {
                let failed = piece.is_err();
                if sender.blocking_send(piece).is_err() || failed {
                    return;
                }
            }
        });
        Feed::Ahead(receiver)
    }
}

impl Body for RangeBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let body = self.get_mut();
        Poll::Ready(match ready!(body.poll_piece(context)) {
            Ok(piece) => piece.map(|bytes| {
                body.left -= bytes.len() as u64;
                body.progress.sent(bytes.len() as u64);
                Ok(Frame::data(bytes))
            }),
            Err(error) => {
                let reason = error.to_string();
                body.source.fail(error);
                Some(Err(reason.into()))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Pool;
    use std::future::poll_fn;
    use std::io::Write as _;

    const LEN: u64 = 3 * 320 * 1024 + 7;

    fn slow_file() -> (tempfile::NamedTempFile, Arc<FileSource>, Vec<u8>) {
        let bytes: Vec<u8> = (0..LEN).map(|i| (i % 251) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let (source, _) = FileSource::open(file.path(), false, Arc::<Pool>::default()).unwrap();
        while !source.note_read(true) {}
        (file, source, bytes)
    }

    fn whole(source: &Arc<FileSource>, progress: &Arc<Progress>) -> RangeBody {
        let range = ByteRange::at(0, LEN);
        RangeBody::new(Arc::clone(source), range, Arc::clone(progress))
    }

    async fn frame(body: &mut RangeBody) -> Option<Result<Bytes, BoxError>> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    #[tokio::test]
    async fn a_slow_file_is_read_by_a_thread() {
        let (_file, source, bytes) = slow_file();
        let progress = Arc::default();
        let mut body = whole(&source, &progress);
        assert!(matches!(body.feed, Feed::Ahead(_)));
        let mut sent = Vec::new();
        while let Some(piece) = frame(&mut body).await {
            sent.extend_from_slice(&piece.unwrap());
        }
        assert!(sent == bytes && body.is_end_stream());
        assert_eq!((progress.snapshot().sent, source.hashed()), (LEN, LEN));
    }

    #[tokio::test]
    async fn a_single_slow_read_makes_no_slow_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (source, _) = FileSource::open(file.path(), false, Arc::<Pool>::default()).unwrap();
        for _ in 0..100 {
            assert!(!source.note_read(true) && !source.note_read(false) && !source.note_read(false));
        }
    }

    #[tokio::test]
    async fn what_the_thread_meets_is_the_bodys_failure() {
        let (file, source, _) = slow_file();
        file.as_file().set_len(LEN - 1).unwrap();
        let mut body = whole(&source, &Arc::default());
        while let Some(Ok(_)) = frame(&mut body).await {}
        assert!(!body.is_end_stream());
        assert!(matches!(source.take_failure(), Some(Error::SourceChanged { .. })));
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_body() {
        let (_file, source, _) = slow_file();
        let mut body = whole(&source, &Arc::default());
        frame(&mut body).await.unwrap().unwrap();
        drop(body);
        while Arc::strong_count(&source) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
