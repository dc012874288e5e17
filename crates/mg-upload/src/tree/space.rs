//! Whether all of it fits, as far as a drive tells what is free in it.

use serde_json::Value;

use super::resolve::Root;
use super::run::Run;
use crate::net::Transport;
use crate::progress::events::Event;

/// Bytes that are free in a drive, by its quota; `None` where it tells nothing. Of some libraries all numbers are 0
/// (<https://github.com/rclone/rclone/blob/master/backend/onedrive/onedrive.go>, `About`).
pub(super) fn free(quota: &Value) -> Option<u64> {
    let number = |name: &str| quota.get(name).and_then(Value::as_i64);
    number("total").filter(|total| *total > 0)?;
    number("remaining").map(|remaining| u64::try_from(remaining).unwrap_or(0))
}

impl<T: Transport> Run<'_, T> {
    /// Tells where so many bytes of files are more than there is room for. The run begins all the same: what differs may be left
    /// as it is, and what fits goes.
    pub(super) fn compare_space(&self, bytes: u64) {
        if let Some(free) = short_of(&self.root, bytes) {
            self.progress.tell(Event::ShortOfSpace { bytes, free });
        }
    }
}

/// What is free, where so many bytes of files cannot all go there: not even if all that their folder holds were among them.
fn short_of(root: &Root, bytes: u64) -> Option<u64> {
    let (free, holds) = (root.free?, root.holds?);
    (bytes > free.saturating_add(holds)).then_some(free)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_drive_tells_what_is_free_or_nothing() {
        for (quota, expected) in [
            (json!({ "total": 100, "remaining": 40, "used": 60, "state": "normal" }), Some(40)),
            (json!({ "total": 100, "remaining": 0 }), Some(0)),
            (json!({ "total": 100, "remaining": -7, "state": "exceeded" }), Some(0)),
            (json!({ "total": 0, "remaining": 0, "used": 0, "deleted": 0 }), None),
            (json!({ "total": null, "remaining": null }), None),
            (json!({ "total": 100 }), None),
            (json!({ "remaining": 5 }), None),
            (Value::Null, None),
        ] {
            assert_eq!(free(&quota), expected, "{quota}");
        }
    }
}
