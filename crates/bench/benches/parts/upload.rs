//! The upload loop over a transport that moves nothing: what the core itself costs, from the file to the transport. The
//! file is in the page cache, no record is kept.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use mg_upload::{Client, ClientOptions, Integrity, Progress, QuickXor, Secret, Session, UploadOptions};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::BUFFER;
use crate::null::Null;

const MIB: usize = 1 << 20;
const CHUNK: u64 = 10 << 20;
const SESSION: &str =
    r#"{"uploadUrl":"https://upload.test/session","family":"drive","nextExpectedRanges":["0-"]}"#;

/// Bytes that do not repeat.
pub fn content(length: usize) -> Vec<u8> {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        bytes.extend_from_slice(&random.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A file in a folder that goes away with it, and the hash of its bytes.
fn file(mebibytes: usize) -> (TempDir, PathBuf, QuickXor) {
    let bytes = content(mebibytes * MIB);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bin");
    File::create(&path).and_then(|mut file| file.write_all(&bytes)).expect("a file");
    let mut hash = QuickXor::default();
    hash.update(&bytes);
    (folder, path, hash)
}

/// A file of one fragment, and one of seven.
#[divan::bench(name = "upload over a null transport, MiB", args = [1, 64])]
fn upload(bencher: Bencher<'_, '_>, mebibytes: usize) {
    let (_folder, path, hash) = file(mebibytes);
    let options = ClientOptions { graph_endpoint: "https://graph.test".into(), ..ClientOptions::default() };
    let client = Client::over(Null { quick_xor: hash.base64() }, options).expect("a client");
    client.set_token(Some(Secret::new("token")));
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let options = UploadOptions { chunk: Some(CHUNK), ..UploadOptions::default() };
    bencher.counter(BytesCount::new(mebibytes * MIB)).bench_local(|| {
        let session = Session::from_json(SESSION).expect("a session");
        let (progress, cancel) = (Arc::new(Progress::default()), CancellationToken::new());
        let uploaded =
            runtime.block_on(client.upload(session, &path, options, progress, &cancel)).expect("an upload");
        assert_eq!(uploaded.integrity, Integrity::Verified);
    });
}

/// The least that an upload has to do with a file, to compare with.
#[divan::bench(name = "the same, read and hashed only, MiB", args = [1, 64])]
fn read_and_hash(bencher: Bencher<'_, '_>, mebibytes: usize) {
    let (_folder, path, _) = file(mebibytes);
    let mut buffer = vec![0; BUFFER];
    bencher.counter(BytesCount::new(mebibytes * MIB)).bench_local(|| {
        let (mut file, mut hash) = (File::open(&path).expect("the file"), QuickXor::default());
        loop {
            match file.read(&mut buffer).expect("the file's bytes") {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        black_box(hash.digest())
    });
}
