//! How a file is cut into fragments: plain functions of sizes and offsets.

use crate::family::Profile;
use crate::protocol::range::ByteRange;

/// Why a chunk size cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChunk {
    /// Above the family's largest fragment.
    #[error("a chunk of {asked} bytes is too large: {noun} takes at most {max} bytes in one request")]
    TooLarge {
        /// What the caller asked for, in bytes.
        asked: u64,
        /// The family's limit, in bytes.
        max: u64,
        /// The family's name.
        noun: &'static str,
    },
    /// Below the family's step.
    #[error("a chunk of {asked} bytes is too small: {noun} takes multiples of {step} bytes")]
    TooSmall {
        /// What the caller asked for, in bytes.
        asked: u64,
        /// The family's step, in bytes.
        step: u64,
        /// The family's name.
        noun: &'static str,
    },
}

/// The chunk size to use for `asked` bytes (`None`: the family's default): a multiple of the family's step, rounded
/// down.
pub fn chunk_size(asked: Option<u64>, profile: &Profile) -> Result<u64, BadChunk> {
    let Some(asked) = asked else { return Ok(profile.default_chunk) };
    if asked > profile.max_chunk {
        return Err(BadChunk::TooLarge { asked, max: profile.max_chunk, noun: profile.noun });
    }
    match asked - asked % profile.step {
        0 => Err(BadChunk::TooSmall { asked, step: profile.step, noun: profile.noun }),
        rounded => Ok(rounded),
    }
}

/// Half of `chunk` as a multiple of the step, after the service called a request too large; `None` at the bottom.
pub fn halve(chunk: u64, profile: &Profile) -> Option<u64> {
    let half = chunk / 2;
    let half = half - half % profile.step;
    (half > 0).then_some(half)
}

/// The next `count` fragments, at most, of what is missing. Each has `chunk` bytes, or what is left of its gap.
///
/// A gap that begins at no multiple of the step is the service's own doing (it kept part of a broken request): the
/// length stays a multiple all the same.
pub fn next(missing: &[ByteRange], chunk: u64, count: usize) -> Vec<ByteRange> {
    let fragments = missing.iter().flat_map(|gap| {
        let starts = std::iter::successors(Some(gap.first), move |first| first.checked_add(chunk));
        starts
            .take_while(|first| *first <= gap.last)
            .map(|first| ByteRange::at(first, chunk.min(gap.end() - first)))
    });
    fragments.take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::{FRAGMENT_UNIT, Family};
    use proptest::prelude::*;

    #[test]
    fn drive_chunks_are_rounded_down_and_bounded() {
        let drive = Family::Drive.profile();
        assert_eq!(chunk_size(None, drive), Ok(10 << 20));
        assert_eq!(chunk_size(Some(10_000_000), drive), Ok(30 * FRAGMENT_UNIT));
        assert_eq!(chunk_size(Some(62_586_880), drive), Ok(62_586_880));
        assert!(matches!(chunk_size(Some(60 << 20), drive), Err(BadChunk::TooLarge { .. })));
        assert!(matches!(chunk_size(Some(1), drive), Err(BadChunk::TooSmall { .. })));
        assert!(matches!(chunk_size(Some(0), Family::Print.profile()), Err(BadChunk::TooSmall { .. })));
    }

    #[test]
    fn what_each_family_takes_at_most_is_taken_whole() {
        for (family, default, most) in [
            (Family::Drive, 10_485_760, 62_586_880),
            (Family::Outlook, 3_932_160, 3_932_160),
            (Family::Todo, 3_932_160, 3_932_160),
            (Family::Print, 9_830_400, 9_830_400),
        ] {
            let profile = family.profile();
            assert_eq!(chunk_size(None, profile), Ok(default), "{family:?}");
            assert_eq!(chunk_size(Some(most), profile), Ok(most), "{family:?}");
            let (noun, step) = (profile.noun, profile.step);
            let too_large = BadChunk::TooLarge { asked: most + 1, max: most, noun };
            assert_eq!(chunk_size(Some(most + 1), profile), Err(too_large), "{family:?}");
            assert_eq!(chunk_size(Some(step), profile), Ok(step), "{family:?}");
            let too_small = BadChunk::TooSmall { asked: step - 1, step, noun };
            assert_eq!(chunk_size(Some(step - 1), profile), Err(too_small), "{family:?}");
        }
    }

    #[test]
    fn halving_ends_at_one_step() {
        let (drive, outlook) = (Family::Drive.profile(), Family::Outlook.profile());
        for (units, half) in [(192, Some(96)), (3, Some(1)), (2, Some(1)), (1, None)] {
            let half = half.map(|half| half * FRAGMENT_UNIT);
            assert_eq!(halve(units * FRAGMENT_UNIT, drive), half, "{units} units");
        }
        assert_eq!((halve(5, outlook), halve(2, outlook), halve(1, outlook)), (Some(2), Some(1), None));
    }

    #[test]
    fn fragments_follow_the_gaps() {
        let gaps = [ByteRange::at(3, 25), ByteRange::at(40, 10), ByteRange::at(60, 4)];
        for (count, fragments) in [
            (0, &[][..]),
            (1, &["3-12"][..]),
            (3, &["3-12", "13-22", "23-27"]),
            (9, &["3-12", "13-22", "23-27", "40-49", "60-63"]),
        ] {
            let found: Vec<String> = next(&gaps, 10, count).iter().map(ByteRange::to_string).collect();
            assert_eq!(found, fragments, "{count}");
        }
        let last = ByteRange { first: u64::MAX - 1, last: u64::MAX - 1 };
        assert_eq!(next(&[last], 10, 2), [last], "no overflow");
    }

    proptest! {
        #[test]
        fn several_fragments_follow_each_other(total in 1u64..10_000, chunk in 1u64..3000, count in 1usize..6) {
            let fragments = next(&[ByteRange::at(0, total)], chunk, count);
            prop_assert_eq!(fragments.len() as u64, total.div_ceil(chunk).min(count as u64));
            prop_assert!(fragments.windows(2).all(|pair| pair[0].end() == pair[1].first));
        }

        #[test]
        fn fragments_cover_the_file_once(total in 0u64..200 << 20, units in 1u64..=191) {
            let chunk = units * FRAGMENT_UNIT;
            let (mut position, mut fragments) = (0, 0);
            let missing = |position| (position < total).then(|| ByteRange::at(position, total - position));
            while let [range] = next(missing(position).as_slice(), chunk, 1)[..] {
                prop_assert_eq!(range.first, position);
                prop_assert!(range.len() <= chunk && range.end() <= total);
                prop_assert!(range.end() == total || range.len() % FRAGMENT_UNIT == 0);
                position = range.end();
                fragments += 1;
            }
            prop_assert_eq!(position, total);
            prop_assert_eq!(fragments, total.div_ceil(chunk));
        }
    }
}
