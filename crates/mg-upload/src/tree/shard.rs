//! Which of several machines sends a folder's files. Nobody has to agree on anything but the number of machines: a folder's
//! path alone tells, the same everywhere and for ever (`tests/vectors/shards.json`).

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::fold::path_key;
use crate::error::Error;

/// One of several equal parts of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which, from 0.
    pub index: u32,
    /// Of how many.
    pub count: u32,
}

impl Shard {
    /// Refuses a part that there is not.
    pub fn check(self) -> Result<(), Error> {
        if self.index < self.count {
            return Ok(());
        }
        let Shard { index, count } = self;
        Err(Error::InvalidInput(format!(
            "there is no shard {index} of {count}: shards are counted from 0, so that the last of {count} is {}",
            count.saturating_sub(1)
        )))
    }

    /// Whether the files of the folder with this path are this part's. The path is the one below the destination, as it is
    /// there; files right in the destination have none.
    pub fn has<'a>(self, folder: impl IntoIterator<Item = &'a str>) -> bool {
        part(folder, self.count) == self.index
    }
}

/// The part that a folder belongs to: the first eight bytes of the SHA-256 of its path's key in UTF-8, read as a big-endian
/// number, modulo `count`.
fn part<'a>(folder: impl IntoIterator<Item = &'a str>, count: u32) -> u32 {
    let hash = Sha256::digest(path_key(folder).as_bytes());
    let first = hash.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    u32::try_from(first % u64::from(count.max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        folder: Vec<String>,
        count: u32,
        index: u32,
    }

    #[test]
    fn the_vectors_hold_for_ever() {
        let vectors = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/shards.json"));
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert!(vectors.len() > 10);
        for Vector { folder, count, index } in vectors {
            assert_eq!(part(folder.iter().map(String::as_str), count), index, "{folder:?} of {count}");
        }
    }

    #[test]
    fn parts_are_counted_from_0() {
        for (index, count, is) in [(0, 1, true), (7, 8, true), (8, 8, false), (0, 0, false)] {
            assert_eq!(Shard { index, count }.check().is_ok(), is, "{index}/{count}");
        }
    }

    proptest! {
        #[test]
        fn each_folder_is_one_parts_however_it_is_written(folder in prop::collection::vec("[a-zA-Zéü ]{1,8}", 0..5), count in 1u32..40) {
            let has = |index| Shard { index, count }.has(folder.iter().map(String::as_str));
            prop_assert_eq!((0..count).filter(|index| has(*index)).count(), 1);
            let shouted: Vec<String> = folder.iter().map(|name| name.to_uppercase()).collect();
            for index in 0..count {
                prop_assert_eq!(has(index), Shard { index, count }.has(shouted.iter().map(String::as_str)));
            }
        }
    }
}
