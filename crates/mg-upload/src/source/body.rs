//! The request body that reads the file as it is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::FileSource;
use crate::error::Error;
use crate::progress::Progress;
use crate::range::ByteRange;
use crate::transport::BoxError;

/// A part of the file. Never more than one buffer of it is in memory here; the transport holds one or two more.
pub(super) struct RangeBody {
    source: Arc<FileSource>,
    position: u64,
    end: u64,
    progress: Arc<Progress>,
}

impl RangeBody {
    pub(super) fn new(source: Arc<FileSource>, range: ByteRange, progress: Arc<Progress>) -> RangeBody {
        RangeBody { source, position: range.first, end: range.end(), progress }
    }

    fn next_piece(&mut self) -> Result<Option<Bytes>, Error> {
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
        self.progress.sent(wanted as u64);
        Ok(Some(buffer.freeze(wanted)))
    }
}

impl Body for RangeBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let body = self.get_mut();
        Poll::Ready(match body.next_piece() {
            Ok(piece) => piece.map(|bytes| Ok(Frame::data(bytes))),
            Err(error) => {
                let reason = error.to_string();
                body.source.fail(error);
                Some(Err(reason.into()))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.position == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.position)
    }
}
