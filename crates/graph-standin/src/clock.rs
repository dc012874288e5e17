//! Times as the service writes them. The time itself is always an argument.

use jiff::{Timestamp, fmt::rfc2822};

fn timestamp(millis: u64) -> Timestamp {
    i64::try_from(millis).ok().and_then(|m| Timestamp::from_millisecond(m).ok()).unwrap_or(Timestamp::MAX)
}

/// `2026-01-29T09:21:55.523Z`
pub(crate) fn iso(millis: u64) -> String {
    format!("{:.3}", timestamp(millis))
}

/// `Thu, 29 Jan 2026 09:21:55 GMT`
pub(crate) fn http_date(millis: u64) -> String {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp(millis)).unwrap_or_default()
}

/// Milliseconds that a `Retry-After` asks to wait, seen from `now`.
pub(crate) fn retry_after(value: &str, now: u64) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    let at = u64::try_from(at.as_millisecond()).ok()?;
    Some(at.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_769_678_515_523;

    #[test]
    fn times_are_written_as_the_service_does() {
        assert_eq!(iso(NOW), "2026-01-29T09:21:55.523Z");
        assert_eq!(http_date(NOW), "Thu, 29 Jan 2026 09:21:55 GMT");
    }

    #[test]
    fn retry_after_in_both_forms() {
        assert_eq!(retry_after("3", NOW), Some(3000));
        assert_eq!(retry_after("Thu, 29 Jan 2026 09:21:59 GMT", NOW), Some(3477));
        assert_eq!(retry_after("soon", NOW), None);
    }
}
