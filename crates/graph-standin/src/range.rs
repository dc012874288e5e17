//! `Content-Range` of a PUT, and the forms in which missing ranges are told.

/// What a `Content-Range` says: both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// First byte.
    pub first: u64,
    /// Last byte.
    pub last: u64,
    /// Length of the whole file.
    pub total: u64,
}

impl ContentRange {
    /// Number of bytes in the range.
    pub fn length(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Whether the range ends the file.
    pub fn is_last(&self) -> bool {
        self.last.saturating_add(1) >= self.total
    }
}

/// Why a `Content-Range` was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeFault {
    Malformed,
    NoTotal,
}

/// Reads `bytes 0-9/10`, and `bytes=0-9/10` too, since Microsoft's print example writes it so.
pub(crate) fn parse(text: &str) -> Result<ContentRange, RangeFault> {
    let text = text.trim();
    let rest = text.strip_prefix("bytes").ok_or(RangeFault::Malformed)?;
    let rest = rest.strip_prefix([' ', '=']).ok_or(RangeFault::Malformed)?.trim();
    let (ends, total) = rest.split_once('/').ok_or(RangeFault::Malformed)?;
    let (first, last) = ends.split_once('-').ok_or(RangeFault::Malformed)?;
    let (first, last) = (number(first)?, number(last)?);
    if total.trim() == "*" {
        return Err(RangeFault::NoTotal);
    }
    Ok(ContentRange { first, last, total: number(total)? })
}

fn number(text: &str) -> Result<u64, RangeFault> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(RangeFault::Malformed);
    }
    text.parse().map_err(|_| RangeFault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_content_range() {
        let range = |first, last, total| Ok(ContentRange { first, last, total });
        let cases = [
            ("bytes 0-9/10", range(0, 9, 10)),
            ("bytes=0-72796/4533322", range(0, 72796, 4_533_322)),
            ("bytes 9-0/10", range(9, 0, 10)),
            ("bytes 0-9/*", Err(RangeFault::NoTotal)),
            ("bytes 0--1/0", Err(RangeFault::Malformed)),
            ("bytes */10", Err(RangeFault::Malformed)),
            ("0-9/10", Err(RangeFault::Malformed)),
            ("bytes 0-99999999999999999999/10", Err(RangeFault::Malformed)),
            ("", Err(RangeFault::Malformed)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
}
