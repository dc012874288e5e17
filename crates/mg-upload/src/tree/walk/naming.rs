//! The names that entries get at the destination, and what is wrong with them.

use std::collections::HashMap;
use std::ffi::OsStr;

use super::{Entry, Pending, Source, Walk, shown};
use crate::tree::fold;
use crate::tree::names::{self, BadName, Spot, units};

impl Walk {
    /// The name that an entry is to have there, before the map.
    pub(super) fn name_there<'a>(&'a self, entry: &'a Entry) -> &'a OsStr {
        match self.sources.as_slice() {
            [Source { name: Some(name), .. }] if entry.named => OsStr::new(name),
            _ => &entry.name,
        }
    }

    /// A name as it is sent, and what is wrong with it where it is a file's, or a folder's.
    pub(super) fn name<'a>(
        &self,
        folder: &'a Pending,
        name: &OsStr,
        named: &Named,
    ) -> (String, impl Fn(bool) -> Option<BadName> + use<'_, 'a>) {
        let sent = self.sent(name);
        let (text, collision) = match &sent {
            Some(sent) => (sent.clone(), named.collision(sent)),
            None => (shown(name), None),
        };
        let before = self.before + folder.names.iter().map(|name| units(name) + 1).sum::<usize>();
        let (drive, at_root) = (self.drive, self.at_root && folder.names.is_empty());
        let bad = move |is_folder| match &sent {
            None => Some(BadName::NotUnicode),
            Some(sent) => names::check(sent, Spot { drive, is_folder, at_root, before }).err().or(collision),
        };
        (text, bad)
    }

    /// A name as it is sent.
    fn sent(&self, name: &OsStr) -> Option<String> {
        let name = name.to_str()?;
        Some(fold::composed(&self.map.as_ref().map_or_else(|| name.to_owned(), |map| map.apply(name))))
    }
}

/// How many entries of a folder have the same name at the destination: hashes only, for there may be very many.
pub(super) struct Named(HashMap<u64, (u32, bool)>);

impl Named {
    pub(super) fn of(walk: &Walk, entries: &[Entry]) -> Named {
        let mut seen: HashMap<u64, (u32, bool, u64)> = HashMap::new();
        for sent in entries.iter().filter_map(|entry| walk.sent(&entry.name)) {
            let (key, exact) = (hash(&fold::key(&sent)), hash(&sent));
            let known = seen.entry(key).or_insert((0, false, exact));
            known.0 += 1;
            known.1 |= known.2 == exact && known.0 > 1;
        }
        Named(
            seen.into_iter()
                .filter(|(_, seen)| seen.0 > 1)
                .map(|(key, seen)| (key, (seen.0, seen.1)))
                .collect(),
        )
    }

    fn collision(&self, sent: &str) -> Option<BadName> {
        let (_, same) = self.0.get(&hash(&fold::key(sent)))?;
        Some(if *same { BadName::NormalizationCollision } else { BadName::CaseCollision })
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}
