//! How a session stands, as far as this upload knows. A new session has a new standing: nothing of the old one's is left.

use jiff::Timestamp;

use crate::family::Family;
use crate::protocol::range::{self, ByteRange, to_the_end};
use crate::protocol::session::Session;

/// Where the picture of what is missing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Our own count, or what the session object says.
    Assumed,
    /// An earlier upload of this very file has fed the session: the service may be ahead of the picture.
    Before,
    /// The service has told this upload.
    Told,
    /// The service has bytes that neither this upload nor an earlier one of this file has sent.
    Elsewhere,
}

/// What has become of the upload's last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was not sent, as far as is known.
    Ahead,
    /// An earlier upload has begun to send it.
    Begun,
    /// It was sent, and no clear answer came.
    Unclear,
    /// The service has called the upload finished before it had all bytes.
    Premature,
}

/// A session, and how far it has come.
pub(super) struct Standing {
    pub session: Session,
    /// What the service lacks, as far as is known: one gap to the end where the order is fixed.
    pub missing: Vec<ByteRange>,
    pub known: Known,
    /// Whether the session has taken any byte.
    pub accepted: bool,
    pub end: End,
    /// The offset behind the last byte that was handed out for it.
    pub reach: u64,
    /// When this upload, or the one that it goes on with, began.
    pub began: Timestamp,
    /// Where redirects have sent the fragments that begin at these offsets.
    redirects: Vec<(u64, String)>,
    /// The least that has ever been missing: only less than that is progress.
    least_missing: u64,
    total: u64,
}

impl Standing {
    /// That of a session which nothing is known of but what its object says, for a file of `total` bytes.
    pub fn new(session: Session, total: u64, began: Timestamp) -> Standing {
        let position = session.position.unwrap_or(0).min(total);
        let missing = to_the_end(position, total);
        Standing {
            known: Known::Assumed,
            accepted: position > 0,
            end: End::Ahead,
            reach: position,
            began,
            redirects: Vec::new(),
            least_missing: range::bytes(&missing),
            missing,
            total,
            session,
        }
    }

    /// The session's URL, as it is sent.
    pub fn url(&self) -> &str {
        self.session.upload_url.expose()
    }

    /// Bytes that the service has, as far as is known.
    pub fn stored(&self) -> u64 {
        self.total - range::bytes(&self.missing)
    }

    /// Whether the order of the fragments is fixed.
    pub fn in_order(&self) -> bool {
        self.session.family.profile().parallel == 1
    }

    /// Takes over what is missing; how much less that is than ever before.
    pub fn lacks(&mut self, missing: Vec<ByteRange>) -> u64 {
        self.missing = missing;
        let left = range::bytes(&self.missing);
        let gained = self.least_missing.saturating_sub(left);
        self.least_missing -= gained;
        let open = &self.missing;
        self.redirects.retain(|(first, _)| open.iter().any(|gap| (gap.first..=gap.last).contains(first)));
        gained
    }

    /// Notes that a fragment has left, down to the byte before `end`.
    pub fn reached(&mut self, end: u64) {
        self.reach = self.reach.max(end);
    }

    /// Notes that a PUT has had no clear answer.
    pub fn unclear(&mut self, range: ByteRange) {
        if self.may_end(range) {
            self.end = End::Unclear;
        }
    }

    /// Whether the upload may end with this fragment: with the last byte, or, in any order, with any.
    pub fn may_end(&self, range: ByteRange) -> bool {
        !self.in_order() || range.end() == self.total
    }

    /// Where the fragment that begins here is to be sent, if a redirect has said so.
    pub fn redirect(&self, first: u64) -> Option<&str> {
        self.redirects.iter().find(|(own, _)| *own == first).map(|(_, target)| target.as_str())
    }

    /// Notes where a redirect sends a fragment: that one, and no other.
    pub fn redirected(&mut self, first: u64, target: String) {
        self.redirects.retain(|(own, _)| *own != first);
        self.redirects.push((first, target));
    }

    /// The service has spoken: fragments go to the session's own URL again.
    pub fn forget_redirects(&mut self) {
        self.redirects.clear();
    }

    /// Whether every byte having arrived leaves a commit that can be asked for.
    pub fn has_commit(&self) -> bool {
        self.session.family == Family::Drive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(family: &str, total: u64) -> Standing {
        let json = format!(r#"{{"uploadUrl":"https://h/x","family":"{family}"}}"#);
        Standing::new(Session::from_json(&json).unwrap(), total, Timestamp::MIN)
    }

    #[test]
    fn a_redirect_is_for_one_fragment_and_for_as_long_as_that_is_missing() {
        let mut print = standing("print", 100);
        print.redirected(0, "a".into());
        print.redirected(50, "b".into());
        print.redirected(0, "c".into());
        assert_eq!((print.redirect(0), print.redirect(25), print.redirect(50)), (Some("c"), None, Some("b")));
        print.lacks(range::without(&print.missing, ByteRange::at(0, 25)));
        assert_eq!((print.redirect(0), print.redirect(50)), (None, Some("b")));
    }

    #[test]
    fn only_less_than_ever_is_a_gain() {
        let mut drive = standing("drive", 100);
        assert_eq!(drive.lacks(to_the_end(40, 100)), 40);
        assert_eq!(drive.lacks(to_the_end(10, 100)), 0);
        assert_eq!(drive.lacks(to_the_end(41, 100)), 1);
        assert_eq!(drive.stored(), 41);
    }

    #[test]
    fn a_new_standing_knows_what_its_session_says_and_nothing_else() {
        let of = |ranges: &str, total| {
            let json = format!(r#"{{"uploadUrl":"https://h/x","nextExpectedRanges":{ranges}}}"#);
            Standing::new(Session::from_json(&json).unwrap(), total, Timestamp::MIN)
        };
        let fresh = of(r#"["0-"]"#, 100);
        assert_eq!((fresh.known, fresh.end, fresh.accepted), (Known::Assumed, End::Ahead, false));
        assert_eq!((fresh.reach, fresh.stored(), fresh.url()), (0, 0, "https://h/x"));
        let fed = of(r#"["40-"]"#, 100);
        assert_eq!((fed.accepted, fed.reach, fed.stored()), (true, 40, 40));
        assert_eq!(fed.missing, to_the_end(40, 100));
        let beyond = of(r#"["400-"]"#, 100);
        assert_eq!((beyond.reach, beyond.stored(), beyond.missing), (100, 100, vec![]));
    }

    #[test]
    fn what_was_handed_out_stays_handed_out() {
        let mut drive = standing("drive", 100);
        drive.reached(60);
        drive.reached(30);
        assert_eq!(drive.reach, 60);
    }

    #[test]
    fn an_upload_may_end_with_its_last_byte_or_in_any_order_with_any() {
        for (family, first, last) in [("drive", false, true), ("outlook", false, true), ("print", true, true)]
        {
            for (range, ends) in [(ByteRange::at(0, 60), first), (ByteRange::at(60, 40), last)] {
                let mut standing = standing(family, 100);
                assert_eq!(standing.may_end(range), ends, "{family} {range}");
                standing.unclear(range);
                assert_eq!(standing.end == End::Unclear, ends, "{family} {range}");
            }
            assert_eq!(standing(family, 100).has_commit(), family == "drive");
        }
    }

    #[test]
    fn redirects_end_with_the_services_word() {
        let mut drive = standing("drive", 100);
        drive.redirected(0, "a".into());
        drive.forget_redirects();
        assert_eq!(drive.redirect(0), None);
    }
}
