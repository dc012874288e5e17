//! A drive's items, found by id, by path and by the folder that holds them.

use crate::drive::Item;
use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
};
use unicode_normalization::UnicodeNormalization as _;

/// The items. Their ids and paths never change once they are in.
#[derive(Default)]
pub(crate) struct Items {
    all: Vec<Item>,
    ids: HashMap<String, usize>,
    paths: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
}

/// What paths have in common that are one: names differ by more than case and the form of their letters.
fn key(path: &str) -> String {
    path.nfc().collect::<String>().to_lowercase().nfc().collect()
}

impl Items {
    pub(crate) fn push(&mut self, item: Item) {
        let index = self.all.len();
        self.ids.entry(item.id.clone()).or_insert(index);
        self.paths.entry(key(&item.path())).or_insert(index);
        self.children.entry(key(&item.parent)).or_default().push(index);
        self.all.push(item);
    }

    /// Removes an item, and of a folder all that it holds.
    pub(crate) fn remove(&mut self, index: usize) {
        let path = self.all[index].path();
        let (gone, below) = (key(&path), format!("{}/", key(&path)));
        let all = std::mem::take(self).all;
        let stays = |item: &Item| {
            let own = key(&item.path());
            own != gone && !own.starts_with(&below)
        };
        all.into_iter().filter(stays).for_each(|item| self.push(item));
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    pub(crate) fn by_path(&self, path: &str) -> Option<usize> {
        self.paths.get(&key(path)).copied()
    }

    /// What a folder holds, by its path, in the order of its making.
    pub(crate) fn inside(&self, path: &str) -> &[usize] {
        self.children.get(&key(path)).map_or(&[], Vec::as_slice)
    }

    /// Bytes of all files in a folder and in those below it.
    pub(crate) fn size_below(&self, path: &str) -> u64 {
        let sizes = self.inside(path).iter().map(|index| match &self.all[*index] {
            item if item.folder => self.size_below(&item.path()),
            item => item.size,
        });
        sizes.fold(0, u64::saturating_add)
    }
}

impl Deref for Items {
    type Target = [Item];

    fn deref(&self) -> &[Item] {
        &self.all
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut [Item] {
        &mut self.all
    }
}

impl IntoIterator for Items {
    type Item = Item;
    type IntoIter = std::vec::IntoIter<Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}
