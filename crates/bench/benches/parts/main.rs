//! Benchmarks of the core's parts, each alone: what an upload is made of, without a network and without a service.
//! Everything is reached as callers of the crate reach it. `./build.sh bench -Part Parts` runs them.

mod bytes;
mod null;
mod texts;
mod upload;

use std::time::Duration;

use divan::Divan;
use divan::counter::BytesFormat;

/// What the core reads, hashes and passes on at once, and the step of all fragment sizes.
const BUFFER: usize = 320 * 1024;

fn main() {
    // A hundred samples of microseconds are over before a busy machine has had a quiet moment.
    let least = Duration::from_millis(300);
    Divan::default().bytes_format(BytesFormat::Binary).min_time(least).config_with_args().main();
}
