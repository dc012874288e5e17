//! What is done with a file: from what it is, what stands in its place, and what the caller wants.

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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Some(Timestamp::from_second(1_700_000_000 + second).unwrap())
    }

    fn local(length: u64) -> Local {
        Local { length, modified: at(0) }
    }

    fn there(size: u64, second: i64) -> There {
        There { size: Some(size), modified: at(second), hash: Some("h".into()), ..There::default() }
    }

    fn wish(if_exists: IfExists) -> Wish {
        Wish { if_exists, force: false }
    }

    #[test]
    fn what_is_the_same_is_not_sent() {
        let no_hash = There { hash: None, ..there(5, 9) };
        let office = There { may_be_rewritten: true, ..there(7, 2) };
        let tagged = There { c_tag: Some("c".into()), ..there(7, 99) };
        let sent = Before { local: local(5), c_tag: "c".into() };
        let other = Before { local: local(5), c_tag: "d".into() };
        let changed = Before { local: local(6), c_tag: "c".into() };
        use Decision::*;
        for (there, before, hash, decision) in [
            (there(5, 0), None, None, Unchanged(Same::SizeAndTime)),
            (there(5, 2), None, None, Unchanged(Same::SizeAndTime)),
            (there(5, -2), None, None, Unchanged(Same::SizeAndTime)),
            (there(5, 3), None, None, Hash),
            (there(5, 3), None, Some(true), Unchanged(Same::Hash)),
            (there(5, 3), None, Some(false), Exists),
            (no_hash, None, None, Exists),
            (there(7, 0), None, None, Exists),
            (office.clone(), None, None, Unchanged(Same::Time)),
            (There { modified: at(60), ..office }, None, None, Exists),
            (tagged.clone(), Some(&sent), None, Unchanged(Same::SentBefore)),
            (tagged.clone(), Some(&other), None, Exists),
            (tagged, Some(&changed), None, Exists),
            (There { modified: None, ..there(5, 0) }, None, None, Hash),
            (There { is_other: true, ..there(5, 0) }, None, None, Folder),
        ] {
            let got = decide(local(5), Some(&there), before, hash, Wish::default());
            assert_eq!(got, decision, "{there:?} {before:?} {hash:?}");
        }
        let empty = There { hash: None, modified: at(99), ..there(0, 0) };
        assert_eq!(decide(local(0), Some(&empty), None, None, Wish::default()), Unchanged(Same::Hash));
    }

    #[test]
    fn what_differs_is_as_the_caller_wishes_and_a_newer_one_stays() {
        use Decision::*;
        use IfExists as If;
        for (if_exists, second, decision) in [
            (If::Fail, -9, Exists),
            (If::Skip, -9, Skip),
            (If::Rename, 9, Rename),
            (If::Replace, -9, Replace),
            (If::Replace, 2, Replace),
            (If::Replace, 3, Newer),
        ] {
            assert_eq!(decide(local(5), Some(&there(6, second)), None, None, wish(if_exists)), decision);
        }
        let force = Wish { force: true, ..Wish::default() };
        assert_eq!(decide(local(5), Some(&there(5, 0)), None, None, force), Replace);
        assert_eq!(decide(local(5), None, None, None, force), Send);
        let folder = There { is_other: true, ..there(5, 0) };
        assert_eq!(decide(local(5), Some(&folder), None, None, force), Folder, "no folder is replaced");
    }

    proptest! {
        /// Whatever is there, only two words of the caller put anything in its place, and `Replace` never a newer one.
        #[test]
        fn nothing_is_replaced_unasked(size in prop::option::of(0u64..4), second in prop::option::of(-9i64..9), hash: bool,
            same: Option<bool>, length in 0u64..4, choice in 0usize..4, rewritten: bool) {
            let there = There { is_other: false, size, modified: second.and_then(at), hash: hash.then(String::new), c_tag: None, may_be_rewritten: rewritten };
            let if_exists = [IfExists::Fail, IfExists::Replace, IfExists::Rename, IfExists::Skip][choice];
            let decision = decide(local(length), Some(&there), None, same, wish(if_exists));
            prop_assert!(decision != Decision::Send);
            if decision == Decision::Replace {
                prop_assert!(if_exists == IfExists::Replace && second.is_none_or(|second| second <= 2));
            }
        }
    }
}
