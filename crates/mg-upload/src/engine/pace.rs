//! How large the fragments are: as large as the caller says, and as small as the line wants them.

use std::time::Duration;

use crate::family::{FRAGMENT_UNIT, Profile};
use crate::protocol::plan;

/// A fragment should take no longer.
const LONGEST: Duration = Duration::from_secs(30);

/// The size of the fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// What fragments are cut to now.
    chunk: u64,
    /// What they may grow to.
    most: u64,
    /// What a slow line makes of them at the least.
    least: u64,
    step: u64,
}

impl Pace {
    pub fn new(chunk: u64, profile: &Profile) -> Pace {
        Pace { chunk, most: chunk, least: profile.step.max(FRAGMENT_UNIT).min(chunk), step: profile.step }
    }

    /// The size of the next fragment.
    pub fn chunk(&self) -> u64 {
        self.chunk
    }

    /// A fragment of `len` bytes has taken this long, answer included.
    pub fn took(&mut self, len: u64, time: Duration) {
        if time > LONGEST {
            self.shrink_to(proportion(len, time));
        } else if len == self.chunk && time <= LONGEST / 2 {
            self.chunk = self.chunk.saturating_mul(2).min(self.most);
        }
    }

    /// A fragment did not get through in this time. Where that was long, it may have been too large: something between here
    /// and the service may take it whole at once, and pass it on slowly.
    pub fn lost(&mut self, time: Duration) {
        if time > LONGEST {
            self.shrink_to(self.chunk / 4);
        }
    }

    /// The service calls a request of this size too large; `false` where there is no smaller one.
    pub fn too_large(&mut self, profile: &Profile) -> bool {
        let Some(half) = plan::halve(self.chunk, profile) else { return false };
        (self.chunk, self.most, self.least) = (half, half, self.least.min(half));
        true
    }

    fn shrink_to(&mut self, wanted: u64) {
        let whole = wanted - wanted % self.step;
        self.chunk = whole.clamp(self.least, self.chunk.max(self.least));
    }
}

/// What of `len` bytes would have gone in the time that a fragment should take.
fn proportion(len: u64, time: Duration) -> u64 {
    let millis = time.as_millis().max(1);
    u64::try_from(u128::from(len) * LONGEST.as_millis() / millis).unwrap_or(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Family;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn fragments_follow_the_line_down_and_up_again() {
        let drive = Family::Drive.profile();
        let mut pace = Pace::new(32 * FRAGMENT_UNIT, drive);
        pace.took(32 * FRAGMENT_UNIT, 140 * SECOND);
        assert_eq!(pace.chunk(), 6 * FRAGMENT_UNIT);
        pace.took(6 * FRAGMENT_UNIT, 26 * SECOND);
        assert_eq!(pace.chunk(), 6 * FRAGMENT_UNIT, "about right");
        for units in [12, 24, 32, 32] {
            pace.took(pace.chunk(), SECOND);
            assert_eq!(pace.chunk(), units * FRAGMENT_UNIT);
        }
        pace.lost(SECOND);
        assert_eq!(pace.chunk(), 32 * FRAGMENT_UNIT, "something else was wrong");
        pace.lost(100 * SECOND);
        assert_eq!(pace.chunk(), 8 * FRAGMENT_UNIT);
        pace.took(7, SECOND);
        assert_eq!(pace.chunk(), 8 * FRAGMENT_UNIT, "the rest of a file tells nothing");
    }

    #[test]
    fn what_the_service_calls_too_large_is_not_tried_again() {
        let drive = Family::Drive.profile();
        let mut pace = Pace::new(2 * FRAGMENT_UNIT, drive);
        assert!(pace.too_large(drive));
        pace.took(FRAGMENT_UNIT, SECOND);
        assert_eq!(pace.chunk(), FRAGMENT_UNIT);
        assert!(!pace.too_large(drive));
    }

    proptest! {
        #[test]
        fn fragments_stay_legal(units in 1u64..=191, times in proptest::collection::vec(0u32..1000, 0..20)) {
            let drive = Family::Drive.profile();
            let mut pace = Pace::new(units * FRAGMENT_UNIT, drive);
            for seconds in times {
                if seconds > 900 { pace.lost(SECOND * seconds) } else { pace.took(pace.chunk(), SECOND * seconds) }
                prop_assert!(pace.chunk().is_multiple_of(drive.step));
                prop_assert!((FRAGMENT_UNIT..=units * FRAGMENT_UNIT).contains(&pace.chunk()));
            }
        }
    }
}
