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
mod tests {
    use std::future::poll_fn;
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::source::{Opening, Pool, Released};
    use crate::system::Opened;

    const LEN: u64 = 3 * 320 * 1024 + 7;
    const SOON: Duration = Duration::from_secs(10);

    /// A file of which nothing is in memory.
    struct Cold {
        len: Mutex<u64>,
        /// A read waits until something comes out of it, or nobody can put anything in.
        answers: Option<Mutex<Receiver<()>>>,
    }

    impl crate::source::file::Bytes for Cold {
        fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
            if let Some(answers) = &self.answers {
                let _ = answers.lock().unwrap().recv();
            }
            for (byte, at) in buffer.iter_mut().zip(position..) {
                *byte = (at % 251) as u8;
            }
            Ok(())
        }

        fn read_at_hand(&self, _: &mut [u8], _: u64) -> bool {
            false
        }

        fn fingerprint(&self) -> io::Result<Fingerprint> {
            Ok(Fingerprint { len: *self.len.lock().unwrap(), modified: None, blocks: None })
        }

        fn is_at(&self, _: &Path) -> io::Result<bool> {
            Ok(true)
        }

        fn is_written(&self) -> bool {
            false
        }
    }

    fn cold(len: u64) -> (Arc<FileSource>, Released) {
        let file = Cold { len: Mutex::new(len), answers: None };
        FileSource::of(file, Path::new("/cold"), Opening::default(), Arc::<Pool>::default()).unwrap()
    }

    /// A file on a mount that answers no read until something is sent, or the sender dropped.
    fn hung() -> (Arc<FileSource>, Released, Sender<()>) {
        let (sender, answers) = channel();
        // Its samples are taken before it hangs.
        (0..3).for_each(|_| sender.send(()).unwrap());
        let file = Cold { len: Mutex::new(LEN), answers: Some(Mutex::new(answers)) };
        let (source, released) =
            FileSource::of(file, Path::new("/hung"), Opening::default(), Arc::<Pool>::default()).unwrap();
        (source, released, sender)
    }

    fn whole(source: &Arc<FileSource>) -> RangeBody {
        RangeBody::new(Arc::clone(source), ByteRange::at(0, LEN), Ahead::new(), Arc::default())
    }

    async fn frame(body: &mut RangeBody) -> Option<Result<Bytes, BoxError>> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    #[tokio::test]
    async fn what_is_not_in_memory_is_read_by_threads() {
        let (source, _) = cold(LEN);
        let mut body = whole(&source);
        let mut sent = Vec::new();
        while let Some(piece) = frame(&mut body).await {
            assert!(body.reading.is_some());
            sent.extend_from_slice(&piece.unwrap());
        }
        let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
        assert!(sent == bytes && body.is_end_stream());
        assert_eq!((body.progress.snapshot().sent, source.hashed()), (LEN, LEN));
    }

    #[tokio::test]
    async fn a_small_file_that_is_sent_once_is_read_when_it_is_opened() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![7; LEN as usize]).unwrap();
        let opening = Opening { once: true, ..Opening::default() };
        let (source, _) = FileSource::open(file.path(), opening, Arc::default()).await.unwrap();
        assert_eq!(source.hashed(), LEN);
        let hash = source.hash().quick_xor.base64();
        std::fs::write(file.path(), vec![8; LEN as usize]).unwrap();
        file.as_file().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        let mut body = source.body(ByteRange::at(0, LEN), Arc::default());
        let mut sent = Vec::new();
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            sent.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        assert!(sent == vec![7; LEN as usize], "one version of it");
        assert_eq!((source.hash().quick_xor.base64(), source.is_replaced().await.unwrap()), (hash, false));
        // Who sends it again reads it again.
        let mut body = source.body(ByteRange::at(0, LEN), Arc::default());
        while let Some(Ok(_)) = poll_fn(|context| body.as_mut().poll_frame(context)).await {}
        assert!(matches!(source.take_failure(), Some(Error::SourceChanged { .. })));
    }

    #[tokio::test]
    async fn what_was_read_ahead_is_of_no_use_for_a_part() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
        std::fs::write(file.path(), &bytes).unwrap();
        let opening = Opening { once: true, ..Opening::default() };
        let (source, _) = FileSource::open(file.path(), opening, Arc::default()).await.unwrap();
        for range in [ByteRange::at(320 * 1024, 320 * 1024), ByteRange::at(0, LEN)] {
            let mut body = source.body(range, Arc::default());
            let mut sent = Vec::new();
            while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
                sent.extend_from_slice(&frame.unwrap().into_data().unwrap());
            }
            assert!(sent == bytes[range.first as usize..range.end() as usize], "{range}");
        }
    }

    /// Where the system tells what is in memory, and of this folder's file system too.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_is_in_memory_is_read_where_it_is_sent() {
        let file = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        std::fs::write(file.path(), vec![7; LEN as usize]).unwrap();
        let mut probe = [0];
        let tells = crate::system::read_at_hand(file.as_file(), &mut probe, 0);
        let (source, _) = FileSource::open(file.path(), Opening::default(), Arc::default()).await.unwrap();
        let mut body = whole(&source);
        while let Some(piece) = frame(&mut body).await {
            piece.unwrap();
        }
        assert_eq!((body.reading.is_none(), source.hashed()), (tells, LEN));
    }

    #[tokio::test]
    async fn what_the_thread_meets_is_the_bodys_failure() {
        let (source, _) = cold(LEN + 1);
        let file = Cold { len: Mutex::new(LEN), answers: None };
        *source.file.lock().unwrap() = Some(Arc::new(crate::source::file::Closing::new(file).0));
        let mut body = whole(&source);
        let mut pieces = 0;
        while let Some(Ok(_)) = frame(&mut body).await {
            pieces += 1;
        }
        assert_eq!(pieces, 3, "the last piece stays here");
        assert!(matches!(source.take_failure(), Some(Error::SourceChanged { .. })));
    }

    /// As on Windows, where a file may keep its time until its writer closes it.
    #[tokio::test]
    async fn of_a_file_that_is_being_written_the_content_counts_too() {
        for changed in [false, true] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), vec![7; LEN as usize]).unwrap();
            let time = file.as_file().metadata().unwrap().modified().unwrap();
            let opened = Opened { file: file.reopen().unwrap(), is_written: true };
            let (source, _) =
                FileSource::of(opened, file.path(), Opening::default(), Arc::<Pool>::default()).unwrap();
            assert!(source.is_written());
            let mut body = whole(&source);
            frame(&mut body).await.unwrap().unwrap();
            if changed {
                std::fs::write(file.path(), vec![8; LEN as usize]).unwrap();
                file.as_file().set_modified(time).unwrap();
            }
            while let Some(Ok(_)) = frame(&mut body).await {}
            let failed = matches!(source.take_failure(), Some(Error::SourceChanged { .. }));
            assert_eq!(failed, changed);
        }
    }

    #[tokio::test]
    async fn a_read_that_never_returns_holds_no_worker() {
        let (source, released, answers) = hung();
        let mut body = whole(&source);
        // This runtime has one thread: it would never get past the first line.
        assert!(timeout(Duration::from_millis(20), frame(&mut body)).await.is_err());
        let (other, _) = cold(LEN);
        let mut other = whole(&other);
        assert!(timeout(SOON, frame(&mut other)).await.unwrap().unwrap().is_ok());

        // Hashing it does not, either, nor does anything that asks how far that is.
        assert!(timeout(Duration::from_millis(20), source.hash_up_to(LEN)).await.is_err());
        assert_eq!(source.hashed(), 0);

        drop((body, source));
        drop(answers);
        assert!(timeout(SOON, released).await.unwrap().is_err(), "closed once the read has returned");
    }

    #[tokio::test]
    async fn a_closed_source_lets_go_of_its_file_whoever_holds_a_body() {
        let (source, released) = cold(LEN);
        let mut body = whole(&source);
        frame(&mut body).await.unwrap().unwrap();
        source.close();
        assert!(timeout(SOON, released).await.unwrap().is_err());
        // What had been read ahead may still come.
        while let Some(Ok(_)) = frame(&mut body).await {}
        assert!(!body.is_end_stream());
        assert!(matches!(source.take_failure(), Some(Error::Cancelled)));
    }
}
