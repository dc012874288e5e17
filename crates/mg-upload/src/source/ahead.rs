//! A small file, read when it is opened: by the same thread, in one go.

use std::collections::VecDeque;
use std::sync::Arc;

use super::body::Piece;
use super::file::Bytes;
use super::pool::Pool;
use crate::family::FRAGMENT_UNIT;

/// A larger file is read while it is sent: of many files at once, each may have this much in memory.
pub(super) const MOST: u64 = 4 * FRAGMENT_UNIT;

/// Pieces of a file, from its start on.
pub(super) type Ahead = VecDeque<Piece>;

/// Reads a whole file, and passes each piece on to `hash` while the processor still has it at hand. A piece that cannot be
/// read is the last one: who sends it meets the error. Blocks.
pub(super) fn read(file: &dyn Bytes, len: u64, pool: &Arc<Pool>, mut hash: impl FnMut(&[u8])) -> Ahead {
    let (mut pieces, mut position) = (Ahead::new(), 0);
    while position < len {
        let mut piece = Piece::read(file, pool.take(), position, len);
        match piece.bytes() {
            Some(bytes) => {
                hash(bytes);
                position += bytes.len() as u64;
            }
            None => position = len,
        }
        pieces.push_back(piece);
    }
    pieces
}
