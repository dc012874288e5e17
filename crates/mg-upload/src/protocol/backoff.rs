//! How long to wait: the service's word and our own, as plain functions.

use std::time::Duration;

use jiff::Timestamp;

/// The first pause, doubled with every attempt that brought nothing.
const BASE: Duration = Duration::from_secs(1);
/// No pause of our own is longer.
const CAP: Duration = Duration::from_secs(60);

/// How long requests are spaced by what one answer says.
const LONGEST_PACE: Duration = Duration::from_secs(10 * 60);

/// What asks for more asks for this: nobody waits longer, and times stay within what clocks can hold.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause before attempt `attempt + 1` (attempts count from 1), with full jitter: `random` is drawn from 0 to 1.
///
/// It never falls below a tenth of its range, so that a service in trouble is not asked again at once.
pub fn backoff(attempt: u32, random: f64) -> Duration {
    let range = BASE.saturating_mul(1 << (attempt.max(1) - 1).min(10)).min(CAP);
    range.mul_f64(random.clamp(0.1, 1.0))
}

/// The pause that a `Retry-After` asks for, in seconds or as a date seen from `now`. What is neither counts as absent.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        // A number too large for a Duration is no answer to act on.
        let asked = (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()?;
        return Some(asked.min(LONGEST));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    // A date has whole seconds: what it cut off is waited for too.
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()? + Duration::from_secs(1);
    Some(
        date.saturating_sub(Duration::from_millis(u64::try_from(now.as_millisecond()).unwrap_or(0)))
            .min(LONGEST),
    )
}

/// The longer of the service's wish and our own back-off.
pub fn pause(retry_after: Option<Duration>, attempt: u32, random: f64) -> Duration {
    let own = backoff(attempt, random);
    retry_after.map_or(own, |asked| asked.max(own))
}

/// How far apart requests have to be to last until the budget is filled up again, and how long that is minded:
/// `RateLimit-Remaining` requests for `RateLimit-Reset` seconds. SharePoint sends the two once most of the budget is used,
/// and renews them with each answer: what is told once holds for a while only, whatever it says.
pub fn pace(remaining: u64, reset_seconds: u64) -> (Duration, Duration) {
    let window = Duration::from_secs(reset_seconds).min(LONGEST_PACE);
    let spread = window.min(CAP);
    (u32::try_from(remaining.max(1)).map_or(Duration::ZERO, |remaining| spread / remaining), window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_doubles_up_to_its_cap() {
        for (attempt, random, millis) in [
            (0, 1.0, 1_000),
            (1, 1.0, 1_000),
            (2, 1.0, 2_000),
            (3, 1.0, 4_000),
            (4, 1.0, 8_000),
            (5, 1.0, 16_000),
            (6, 1.0, 32_000),
            (7, 1.0, 60_000),
            (u32::MAX, 1.0, 60_000),
            (3, 0.5, 2_000),
            (3, 7.0, 4_000),
            (1, 0.0, 100),
            (3, 0.05, 400),
            (7, 0.0, 6_000),
        ] {
            assert_eq!(backoff(attempt, random), Duration::from_millis(millis), "{attempt} {random}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-29T09:21:55Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("0", now), Some(Duration::ZERO));
        assert_eq!(retry_after(" 1 ", now), Some(Duration::from_secs(1)));
        assert_eq!(retry_after("86399", now), Some(LONGEST - Duration::from_secs(1)));
        assert_eq!(retry_after("86401", now), Some(Duration::from_secs(24 * 3600)));
        assert_eq!(retry_after("Fri, 29 Jan 2027 09:21:55 GMT", now), Some(LONGEST));
        assert_eq!(retry_after("Thu, 29 Jan 2026 09:21:55 GMT", now), Some(Duration::from_secs(1)));
        let later = now + jiff::SignedDuration::from_millis(400);
        assert_eq!(
            retry_after("Thu, 29 Jan 2026 09:21:57 GMT", later),
            Some(Duration::from_millis(2_600)),
            "never before the second that it names is over"
        );
        assert_eq!(retry_after("0.5", now), Some(Duration::from_millis(500)));
        assert_eq!(retry_after("Thu, 29 Jan 2026 09:22:25 GMT", now), Some(Duration::from_secs(31)));
        assert_eq!(retry_after("Thu, 29 Jan 2026 09:21:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("10000000000000000000", now), Some(LONGEST));
        for odd in ["", "-1", "soon", "1e300", "NaN"] {
            assert_eq!(retry_after(odd, now), None, "{odd}");
        }
    }

    #[test]
    fn what_remains_of_a_budget_is_spread() {
        let seconds = |seconds| Duration::from_secs(seconds);
        assert_eq!(pace(10, 30), (seconds(3), seconds(30)));
        assert_eq!(pace(1, 30), (seconds(30), seconds(30)));
        assert_eq!(pace(0, 30), (seconds(30), seconds(30)));
        assert_eq!(pace(4, 300), (seconds(15), seconds(300)));
        assert_eq!(pace(10, 0), (seconds(0), seconds(0)));
        assert_eq!(pace(0, 300), (CAP, seconds(300)));
        assert_eq!(pace(60, 1_893_456_000), (seconds(1), LONGEST_PACE), "decades");
        assert_eq!(pace(u64::MAX, 30).0, Duration::ZERO);
    }

    #[test]
    fn the_longer_wish_wins() {
        assert_eq!(pause(Some(Duration::from_secs(9)), 1, 1.0), Duration::from_secs(9));
        assert_eq!(pause(Some(Duration::ZERO), 3, 1.0), Duration::from_secs(4));
        assert_eq!(pause(Some(Duration::from_secs(3)), 3, 0.5), Duration::from_secs(3));
        assert_eq!(pause(None, 1, 1.0), Duration::from_secs(1));
    }
}
