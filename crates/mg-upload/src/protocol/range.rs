//! `nextExpectedRanges` in all its forms, and the byte ranges that are sent.

use std::fmt;

/// Bytes `first` to `last`, both inclusive, as in `Content-Range`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// Offset of the first byte.
    pub first: u64,
    /// Offset of the last byte.
    pub last: u64,
}

impl ByteRange {
    /// The range of `len` bytes from `first`. `len` must be positive.
    pub fn at(first: u64, len: u64) -> ByteRange {
        debug_assert!(len > 0);
        ByteRange { first, last: first + (len - 1) }
    }

    /// How many bytes it spans; never zero.
    #[expect(clippy::len_without_is_empty, reason = "a byte range is never empty")]
    pub fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// The offset behind its last byte.
    pub fn end(self) -> u64 {
        self.last + 1
    }

    /// The value of `Content-Range` for this part of `total` bytes.
    pub fn content_range(self, total: u64) -> String {
        format!("bytes {}-{}/{total}", self.first, self.last)
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// One entry of `nextExpectedRanges`: what the service still lacks from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The first byte that is missing.
    pub first: u64,
    /// The last one, where the service closes the range.
    pub last: Option<u64>,
}

/// A text that is none of the forms of a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no range of nextExpectedRanges", .0.chars().take(40).collect::<String>())]
pub struct BadRange(pub String);

/// Parses one entry: `"26-"`, `"26-127"`, or Outlook's bare `"2097152"`.
pub fn parse(text: &str) -> Result<Missing, BadRange> {
    let bad = || BadRange(text.to_owned());
    let number = |digits: &str| {
        // `u64::from_str` alone would take a leading plus.
        if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let trimmed = text.trim();
    let (first, last) = match trimmed.split_once('-') {
        None => (trimmed, None),
        Some((first, "")) => (first, None),
        Some((first, last)) => (first, Some(last)),
    };
    let first = number(first).ok_or_else(bad)?;
    let last = last.map(|digits| number(digits).ok_or_else(bad)).transpose()?;
    match last {
        Some(last) if last < first => Err(bad()),
        _ => Ok(Missing { first, last }),
    }
}

/// Parses a whole list; an empty one means that every byte has arrived.
pub fn parse_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Missing>, BadRange> {
    texts.into_iter().map(parse).collect()
}

/// Where an upload in order goes on: the smallest missing byte, `total` when none is missing.
pub fn position(missing: &[Missing], total: u64) -> u64 {
    missing.iter().map(|range| range.first).min().unwrap_or(total)
}

/// The gaps as closed ranges within `total` bytes, in order, for uploads in any order; those that touch are one.
/// The print service's own example ends one byte past the total: clamped.
pub fn gaps(missing: &[Missing], total: u64) -> Vec<ByteRange> {
    let mut gaps: Vec<ByteRange> = missing
        .iter()
        .filter(|range| range.first < total)
        .map(|range| ByteRange { first: range.first, last: range.last.unwrap_or(total - 1).min(total - 1) })
        .collect();
    gaps.sort_by_key(|range| range.first);
    let mut merged: Vec<ByteRange> = Vec::with_capacity(gaps.len());
    for gap in gaps {
        match merged.last_mut() {
            Some(last) if gap.first <= last.end() => last.last = last.last.max(gap.last),
            _ => merged.push(gap),
        }
    }
    merged
}

/// What is left of `gaps` once `stored` has arrived.
pub fn without(gaps: &[ByteRange], stored: ByteRange) -> Vec<ByteRange> {
    let mut left = Vec::with_capacity(gaps.len() + 1);
    for gap in gaps {
        if gap.first < stored.first {
            left.push(ByteRange { first: gap.first, last: gap.last.min(stored.first - 1) });
        }
        if gap.last > stored.last {
            left.push(ByteRange { first: gap.first.max(stored.end()), last: gap.last });
        }
    }
    left
}

/// All that is missing from `position` on.
pub fn to_the_end(position: u64, total: u64) -> Vec<ByteRange> {
    if position < total { vec![ByteRange { first: position, last: total - 1 }] } else { Vec::new() }
}

/// How many bytes the gaps hold together.
pub fn bytes(gaps: &[ByteRange]) -> u64 {
    gaps.iter().map(|gap| gap.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_forms_are_read() {
        for (text, first, last) in [
            ("0-", 0, None),
            ("26-", 26, None),
            ("26-127", 26, Some(127)),
            ("26-26", 26, Some(26)),
            ("2097152", 2_097_152, None),
            (" 5 ", 5, None),
            ("18446744073709551615-", u64::MAX, None),
        ] {
            assert_eq!(parse(text), Ok(Missing { first, last }), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in
            ["", "-", "-5", "a-", "5-a", "5-4", "+5-", "5--", "1-2-3", "18446744073709551616-", "0x1-"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_position_is_the_smallest_gap() {
        let list = parse_list(["77829-99375", "12345-55232"]).unwrap();
        assert_eq!(position(&list, 100_000), 12_345);
        assert_eq!(position(&[], 100), 100);
    }

    #[test]
    fn gaps_are_closed_sorted_and_clamped() {
        let list = parse_list(["50-", "10-20", "100-"]).unwrap();
        assert_eq!(gaps(&list, 100), [ByteRange { first: 10, last: 20 }, ByteRange { first: 50, last: 99 }]);
        assert_eq!(
            gaps(&parse_list(["0-", "0-", "50-60"]).unwrap(), 100),
            [ByteRange { first: 0, last: 99 }]
        );
        assert_eq!(gaps(&parse_list(["72797-4533322"]).unwrap(), 4_533_322)[0].last, 4_533_321);
    }

    #[test]
    fn gaps_that_overlap_or_touch_are_one() {
        for (list, total, merged) in [
            (&["0-4", "5-9"][..], 100, &["0-9"][..]),
            (&["5-9", "0-5"], 100, &["0-9"]),
            (&["0-9", "2-3"], 100, &["0-9"]),
            (&["0-4", "6-9"], 100, &["0-4", "6-9"]),
            (&["0-4", "5-9", "11-12", "12-12"], 100, &["0-9", "11-12"]),
            (&["9-", "10-"], 10, &["9-9"]),
            (&["10-"], 10, &[]),
            (&[], 10, &[]),
        ] {
            let found = gaps(&parse_list(list.iter().copied()).unwrap(), total);
            let found: Vec<String> = found.iter().map(ByteRange::to_string).collect();
            assert_eq!(found, merged, "{list:?}");
        }
    }

    #[test]
    fn what_has_arrived_leaves_the_rest_of_each_gap() {
        let of = |pairs: &[(u64, u64)]| -> Vec<ByteRange> {
            pairs.iter().map(|&(first, last)| ByteRange { first, last }).collect()
        };
        let two = [(10, 19), (30, 39)];
        for (stored, left) in [
            ((0, 9), &two[..]),
            ((20, 29), &two),
            ((40, 49), &two),
            ((10, 10), &[(11, 19), (30, 39)]),
            ((19, 19), &[(10, 18), (30, 39)]),
            ((10, 19), &[(30, 39)]),
            ((14, 15), &[(10, 13), (16, 19), (30, 39)]),
            ((15, 35), &[(10, 14), (36, 39)]),
            ((0, 99), &[]),
        ] {
            let stored = ByteRange { first: stored.0, last: stored.1 };
            assert_eq!(without(&of(&two), stored), of(left), "{stored}");
        }
        assert_eq!(bytes(&of(&two)), 20);
        assert_eq!(bytes(&[]), 0);
    }

    #[test]
    fn the_rest_begins_at_the_position() {
        for (position, total, rest) in [
            (0, 1, Some((0, 0))),
            (4, 10, Some((4, 9))),
            (9, 10, Some((9, 9))),
            (10, 10, None),
            (0, 0, None),
            (11, 10, None),
        ] {
            let rest: Vec<ByteRange> =
                rest.into_iter().map(|(first, last)| ByteRange { first, last }).collect();
            assert_eq!(to_the_end(position, total), rest, "{position} of {total}");
        }
    }

    #[test]
    fn a_range_is_written_as_the_header_wants_it() {
        let range = ByteRange::at(26, 102);
        assert_eq!((range.len(), range.end()), (102, 128));
        assert_eq!(range.content_range(500), "bytes 26-127/500");
        let long = parse(&"x".repeat(100)).unwrap_err().to_string();
        assert_eq!(long, format!("'{}' is no range of nextExpectedRanges", "x".repeat(40)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(first in 0u64..1 << 50, len in 1u64..1 << 40) {
            let range = ByteRange::at(first, len);
            prop_assert_eq!(range.len(), len);
            prop_assert_eq!(parse(&range.to_string()), Ok(Missing { first, last: Some(range.last) }));
        }

        #[test]
        fn what_has_arrived_is_no_gap_any_more(gaps in proptest::collection::vec((0u64..500, 1u64..50), 0..4),
                                               first in 0u64..600, len in 1u64..200) {
            let gaps: Vec<_> = gaps.into_iter().map(|(first, len)| Missing { first, last: Some(first + len - 1) }).collect();
            let gaps = super::gaps(&gaps, 600);
            let stored = ByteRange::at(first, len);
            let inside = |list: &[ByteRange], byte: u64| list.iter().any(|gap| (gap.first..=gap.last).contains(&byte));
            let left = without(&gaps, stored);
            for byte in 0..1000 {
                prop_assert_eq!(inside(&left, byte), inside(&gaps, byte) && !inside(&[stored], byte));
            }
        }

        #[test]
        fn no_text_panics(text in ".*") { let _ = parse(&text); }
    }
}
