//! Buffers that are used again once the transport has let go of them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::family::FRAGMENT_UNIT;
use crate::locked::locked;

/// One Graph unit and exactly 2,048 rows of quickXorHash: rows never straddle two buffers.
const BUFFER_BYTES: usize = FRAGMENT_UNIT as usize;

/// More are not kept: after a hundred uploads at once the memory is given back. Eight small files at once have as many.
const IDLE_LIMIT: usize = 32;

/// Buffers at rest. As many come to be as are in flight at once: two or three for a stream.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Vec<u8>>>,
}

/// A buffer on loan; dropping it gives it back.
pub(super) struct Buffer {
    space: Vec<u8>,
    filled: usize,
    home: Arc<Pool>,
}

impl Pool {
    pub(super) fn take(self: &Arc<Self>) -> Buffer {
        let idle = locked(&self.idle).pop();
        Buffer { space: idle.unwrap_or_else(|| vec![0; BUFFER_BYTES]), filled: 0, home: Arc::clone(self) }
    }
}

impl Buffer {
    /// How much of `left` bytes fits.
    pub(super) fn len_for(&self, left: u64) -> usize {
        usize::try_from(left).unwrap_or(usize::MAX).min(self.space.len())
    }

    /// The space to read into.
    pub(super) fn space(&mut self) -> &mut [u8] {
        &mut self.space
    }

    /// Its first `filled` bytes, to be sent; the buffer comes home when they have been.
    pub(super) fn freeze(mut self, filled: usize) -> Bytes {
        self.filled = filled;
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.space[..self.filled]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut idle = locked(&self.home.idle);
        if idle.len() < IDLE_LIMIT {
            idle.push(std::mem::take(&mut self.space));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_home_and_goes_out_again() {
        let pool = Arc::new(Pool::default());
        let sent = pool.take().freeze(3);
        assert_eq!(sent.len(), 3);
        assert!(pool.idle.lock().unwrap().is_empty());
        drop(sent);
        assert_eq!(pool.idle.lock().unwrap().len(), 1);
        let _again = pool.take();
        assert!(pool.idle.lock().unwrap().is_empty());
    }
}
