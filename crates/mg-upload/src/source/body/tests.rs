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
