//! What is done to every byte of a file.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use mg_upload::QuickXor;

use crate::BUFFER;
use crate::upload::content;

/// One buffer after another of the same upload; it lies in the cache, as one does that has just been read.
#[divan::bench(name = "quickXorHash of 320 KiB")]
fn quick_xor(bencher: Bencher<'_, '_>) {
    let buffer = content(BUFFER);
    let mut hash = QuickXor::default();
    bencher.counter(BytesCount::new(BUFFER)).bench_local(|| hash.update(black_box(&buffer)));
    black_box(hash.digest());
}
