//! What is done with a file: from what it is, what stands in its place, and what the caller wants.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Times that are no further apart count as one: FAT and ZIP have even seconds, services whole ones.
const SAME_TIME: SignedDuration = SignedDuration::from_secs(2);

/// What is done where another file has the name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IfExists {
    /// The file fails.
    #[default]
    Fail,
    /// The other is replaced, unless it is newer.
    Replace,
    /// The file gets another name.
    Rename,
    /// The other stays.
    Skip,
}

/// A file here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Bytes.
    pub length: u64,
    /// When it was last written.
    pub modified: Option<Timestamp>,
}

impl Local {
    /// By what the system tells of it.
    pub fn of(length: u64, modified: Option<SystemTime>) -> Local {
        Local { length, modified: modified.and_then(|time| Timestamp::try_from(time).ok()) }
    }

    /// Whether it has the length and, as far as times are compared, the time of another look at it: systems do not tell the same
    /// of a file by its path and once it is open.
    pub fn is_as(self, other: Local) -> bool {
        self.length == other.length
            && match (self.modified, other.modified) {
                (Some(one), Some(other)) => one.duration_since(other).abs() <= SAME_TIME,
                (one, other) => one == other,
            }
    }
}

/// What has its name at the destination.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct There {
    /// Whether it is a folder, or anything else that is no plain file.
    pub is_other: bool,
    /// Bytes.
    pub size: Option<u64>,
    /// The file's own time, which uploads set.
    pub modified: Option<Timestamp>,
    /// quickXorHash, as it was told.
    pub hash: Option<String>,
    /// The tag of its content.
    pub c_tag: Option<String>,
    /// Whether the service may have written into it by itself.
    pub may_be_rewritten: bool,
}

/// What was noted when this file was sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// What it was then.
    pub local: Local,
    /// The tag of what the service made of it.
    pub c_tag: String,
}

/// What the caller wants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// Where another file has the name.
    pub if_exists: IfExists,
    /// Send all.
    pub force: bool,
}

/// By what a file is known to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Same {
    /// Size and time.
    SizeAndTime,
    /// Size and hash.
    Hash,
    /// It is what the service has made of what was sent.
    SentBefore,
    /// Its time, for a kind of file that the service writes into.
    Time,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing is there.
    Send,
    /// It goes in the place of what is there.
    Replace,
    /// It is sent under a name that the service finds.
    Rename,
    /// It is there.
    Unchanged(Same),
    /// Another stays in its place.
    Skip,
    /// Another is in its place.
    Exists,
    /// A newer one is in its place.
    Newer,
    /// A folder is in its place.
    Folder,
    /// Its hash decides.
    Hash,
}

impl Decision {
    /// What the service is to do where the name is taken, in Graph's word.
    pub fn conflict_behavior(self) -> &'static str {
        match self {
            Decision::Replace => "replace",
            Decision::Rename => "rename",
            _ => "fail",
        }
    }
}

/// The table. `same_hash` is what comparing the hashes has said, once that was asked for.
pub fn decide(
    local: Local,
    there: Option<&There>,
    before: Option<&Before>,
    same_hash: Option<bool>,
    wish: Wish,
) -> Decision {
    let Some(there) = there else { return Decision::Send };
    if there.is_other {
        return Decision::Folder;
    }
    if wish.force {
        return Decision::Replace;
    }
    if let Some(same) = known(local, there, before) {
        return Decision::Unchanged(same);
    }
    // A hash that is not told is never equal.
    if there.size == Some(local.length) && there.hash.is_some() {
        match same_hash {
            None => return Decision::Hash,
            Some(true) => return Decision::Unchanged(Same::Hash),
            Some(false) => {}
        }
    }
    match wish.if_exists {
        IfExists::Fail => Decision::Exists,
        IfExists::Skip => Decision::Skip,
        IfExists::Rename => Decision::Rename,
        IfExists::Replace if is_newer(there, local) => Decision::Newer,
        IfExists::Replace => Decision::Replace,
    }
}

fn known(local: Local, there: &There, before: Option<&Before>) -> Option<Same> {
    if before.is_some_and(|before| before.local == local && there.c_tag.as_ref() == Some(&before.c_tag)) {
        return Some(Same::SentBefore);
    }
    let same_size = there.size == Some(local.length);
    if same_size && local.length == 0 {
        return Some(Same::Hash);
    }
    let apart = there.modified?.duration_since(local.modified?).abs();
    match apart <= SAME_TIME {
        true if same_size => Some(Same::SizeAndTime),
        true if there.may_be_rewritten => Some(Same::Time),
        _ => None,
    }
}

fn is_newer(there: &There, local: Local) -> bool {
    let both = there.modified.zip(local.modified);
    both.is_some_and(|(there, local)| there.duration_since(local) > SAME_TIME)
}

#[cfg(test)]
mod tests;
