//! What only Linux tells.

use std::fs::File;
use std::io::IoSliceMut;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use rustix::io::{ReadWriteFlags, preadv2};

/// Fills `buffer` with what is in memory; whether all of it was. Linux tells, for the file systems of its own disks; those
/// over a network or a program do not.
pub(crate) fn read_at_hand(file: &File, buffer: &mut [u8], position: u64) -> bool {
    let whole = buffer.len();
    let space = &mut [IoSliceMut::new(buffer)];
    matches!(preadv2(file, space, position, ReadWriteFlags::NOWAIT), Ok(read) if read == whole)
}

/// How long bytes, those that begin a connection among them, may be unacknowledged before the system gives it up.
pub(crate) fn unacknowledged_for(connector: &mut HttpConnector, time: Duration) {
    connector.set_tcp_user_timeout(Some(time));
}
