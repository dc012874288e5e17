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
mod tests;
