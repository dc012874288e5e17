//! Rows of lanes folded into one. The library is compiled for size, and then the compiler makes no wide instructions by itself: on
//! x86-64 they are named, for with words a MiB of an upload would take half as many instructions again. Elsewhere words do.

use super::LANES;

/// XORs all rows; what is behind the last whole one is left out.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the compiler does not know what follows from the kind of processor")]
pub fn fold(rows: &[u8]) -> [u8; LANES] {
    // SAFETY: every processor of this kind has SSE2.
    unsafe { sse2(rows) }
}

#[cfg(not(target_arch = "x86_64"))]
pub use words as fold;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn sse2(rows: &[u8]) -> [u8; LANES] {
    use std::arch::x86_64::{
        _mm_cvtsi128_si64, _mm_set_epi64x, _mm_setzero_si128, _mm_unpackhi_epi64, _mm_xor_si128,
    };

    let mut folded = [_mm_setzero_si128(); LANES / 16];
    for row in rows.chunks_exact(LANES) {
        for (lanes, bytes) in folded.iter_mut().zip(row.as_chunks().0) {
            let number = i128::from_le_bytes(*bytes);
            *lanes = _mm_xor_si128(*lanes, _mm_set_epi64x((number >> 64) as i64, number as i64));
        }
    }
    let halves =
        folded.map(|lanes| [lanes, _mm_unpackhi_epi64(lanes, lanes)].map(|half| _mm_cvtsi128_si64(half)));
    bytes(halves.as_flattened().iter().map(|half| half.to_le_bytes()))
}

#[cfg(any(test, not(target_arch = "x86_64")))]
pub fn words(rows: &[u8]) -> [u8; LANES] {
    let mut folded = [0; LANES / 8];
    for row in rows.chunks_exact(LANES) {
        for (lanes, bytes) in folded.iter_mut().zip(row.as_chunks().0) {
            *lanes ^= u64::from_le_bytes(*bytes);
        }
    }
    bytes(folded.iter().map(|lanes| lanes.to_le_bytes()))
}

fn bytes(words: impl Iterator<Item = [u8; 8]>) -> [u8; LANES] {
    let mut lanes = [0; LANES];
    for (lanes, word) in lanes.as_chunks_mut().0.iter_mut().zip(words) {
        *lanes = word;
    }
    lanes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_fold_alike(rows in proptest::collection::vec(any::<u8>(), 0..1000)) {
            let mut folded = [0; LANES];
            for row in rows.chunks_exact(LANES) {
                crate::xor(&mut folded, row);
            }
            prop_assert_eq!(words(&rows), folded);
            prop_assert_eq!(fold(&rows), folded);
        }
    }
}
