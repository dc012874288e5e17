//! The request body that reads the file as it is sent.
//!
//! What is in memory already is read right here, while the request is written: nothing is faster. From the first piece
//! that is not, other threads read the rest of the fragment, a piece ahead of what is being sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio_util::sync::ReusableBoxFuture;

use super::FileSource;
use super::ahead::Ahead;
use super::file::{self, Fingerprint};
use super::pool::Buffer;
use crate::error::Error;
use crate::net::BoxError;
use crate::progress::Progress;
use crate::protocol::range::ByteRange;
use crate::threads::{self, FILES};

/// A part of the file. Only a few buffers of it are in memory at a time, here and in the transport.
pub(super) struct RangeBody {
    source: Arc<FileSource>,
    position: u64,
    end: u64,
    /// The next pieces, where they were read when the file was opened.
    ahead: Ahead,
    /// The next piece, where a thread reads it.
    reading: Option<ReusableBoxFuture<'static, Result<Piece, Error>>>,
    progress: Arc<Progress>,
}

/// A piece that has been read. The last one comes with what the file looked like afterwards.
pub(super) struct Piece {
    buffer: Buffer,
    len: usize,
    read: io::Result<()>,
    file_now: Option<io::Result<Fingerprint>>,
}

impl Piece {
    /// Reads the piece at `position` of a part that ends at `end`. Blocks.
    pub(super) fn read(file: &dyn file::Bytes, mut buffer: Buffer, position: u64, end: u64) -> Piece {
        let len = buffer.len_for(end - position);
        let read = file.read_exact_at(&mut buffer.space()[..len], position);
        let file_now = (position + len as u64 == end).then(|| file.fingerprint());
        Piece { buffer, len, read, file_now }
    }

    /// What has been read, if it has.
    pub(super) fn bytes(&mut self) -> Option<&[u8]> {
        self.read.is_ok().then(|| &self.buffer.space()[..self.len])
    }
}

impl RangeBody {
    pub(super) fn new(
        source: Arc<FileSource>,
        range: ByteRange,
        ahead: Ahead,
        progress: Arc<Progress>,
    ) -> RangeBody {
        RangeBody { source, position: range.first, end: range.end(), ahead, reading: None, progress }
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        if self.position == self.end {
            return Poll::Ready(Ok(None));
        }
        let piece = match (&mut self.reading, self.ahead.pop_front()) {
            (_, Some(piece)) => Ok(piece),
            (Some(reading), None) => ready!(reading.poll(context)),
            (None, None) => match self.read_at_hand() {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => {
                    self.read_ahead(self.position);
                    return self.poll_piece(context);
                }
                Err(error) => Err(error),
            },
        };
        Poll::Ready(piece.and_then(|piece| self.take(piece)).map(Some))
    }

    /// What is in memory, if all of the next piece is.
    fn read_at_hand(&self) -> Result<Option<Piece>, Error> {
        let (file, mut buffer) = (self.source.file()?, self.source.pool.take());
        let wanted = buffer.len_for(self.end - self.position);
        if !file.get().read_at_hand(&mut buffer.space()[..wanted], self.position) {
            return Ok(None);
        }
        let is_last = self.position + wanted as u64 == self.end;
        let file_now = is_last.then(|| file.get().fingerprint());
        Ok(Some(Piece { buffer, len: wanted, read: Ok(()), file_now }))
    }

    /// Has a thread read the piece at `position`. It holds the file, and nothing else of the upload's.
    fn read_ahead(&mut self, position: u64) {
        let (file, buffer) = (self.source.file(), self.source.pool.take());
        let end = self.end;
        // Begun before anybody asks for it.
        let read =
            file.map(|file| threads::apart(&FILES, move || Piece::read(file.get(), buffer, position, end)));
        let read = async move { read?.await };
        match &mut self.reading {
            Some(reading) => reading.set(read),
            None => self.reading = Some(ReusableBoxFuture::new(read)),
        }
    }

    fn take(&mut self, piece: Piece) -> Result<Bytes, Error> {
        let Piece { mut buffer, len, read, file_now } = piece;
        read.map_err(|error| self.source.unreadable(&error))?;
        let at = self.position;
        self.position += len as u64;
        if self.reading.is_some() && self.position < self.end {
            self.read_ahead(self.position);
        }
        self.source.hash_piece(at, &buffer.space()[..len]);
        // INVARIANT: the last piece of a fragment leaves only while the file is what it was when it was opened, so
        // that no service ever has all the bytes of a file that changed under way.
        if let Some(now) = file_now {
            self.source.check_unchanged(now)?;
        }
        Ok(buffer.freeze(len))
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
        self.position == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.position)
    }
}

#[cfg(test)]
mod tests;
