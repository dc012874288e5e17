//! What a folder at the destination holds, by the names that are one there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::fold;
use super::item::{Item, SELECT};
use super::pages::{Page, Turn, each_page};
use super::remote::Remote;
use crate::error::{Error, Kind};
use crate::net::Transport;

/// Items on a page. The service may send fewer.
const PAGE: &str = "$top=1000";

/// A folder's items. What is not among them may be there all the same: the service promises no whole list to who reads
/// while others write.
#[derive(Debug, Default)]
pub struct Listing {
    items: HashMap<Box<str>, Listed>,
    /// Whether the service could not list the folder: each name is then asked for by itself.
    singly: bool,
}

/// Where an item stands. Its page stays as it came: of 100,000 items most are never looked at.
#[derive(Debug)]
struct Listed {
    page: Arc<Kept>,
    nth: usize,
    is_folder: bool,
}

/// Items as the service wrote them.
#[derive(Debug)]
struct Kept {
    page: Bytes,
    /// The page, cut into its items once one of them is looked at.
    items: OnceLock<Vec<Bytes>>,
}

/// What is read of every item.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    folder: Option<IgnoredAny>,
}

impl Kept {
    /// The JSON of an item; nothing where it is none.
    fn item(&self, nth: usize) -> Bytes {
        let items = self.items.get_or_init(|| {
            // Names were read from it, but whether all of it is text has not been looked at.
            let read = serde_json::from_slice::<Page<&RawValue>>(&self.page).ok();
            let items = read.into_iter().flat_map(|read| read.items);
            items.map(|item| self.page.slice_ref(item.get().as_bytes())).collect()
        });
        items.get(nth).cloned().unwrap_or_default()
    }
}

impl Listing {
    /// Lists a folder. One that is too large for the service is none the worse for it.
    pub async fn of<T: Transport>(
        remote: &Remote<'_, T>,
        drive: &str,
        folder: &str,
    ) -> Result<Listing, Error> {
        let query = format!("{PAGE}&{SELECT}");
        let path = remote.path(drive, folder, &[], "/children", &query);
        let mut listing = Listing::default();
        match each_page(remote, &path, |page| listing.add(page)).await {
            Err(error)
                if matches!(error.kind(), Kind::ServerFault | Kind::Timeout) && error.refusal().is_some() =>
            {
                Ok(Listing { singly: true, ..Listing::default() })
            }
            read => read.map(|()| listing),
        }
    }

    fn add(&mut self, page: &Bytes) -> serde_json::Result<Turn> {
        let (items, turn) = serde_json::from_slice::<Page<Named<'_>>>(page)?.turn();
        let kept = Arc::new(Kept { page: page.clone(), items: OnceLock::new() });
        for (nth, Named { name, folder }) in items.into_iter().enumerate() {
            let listed = Listed { page: Arc::clone(&kept), nth, is_folder: folder.is_some() };
            self.items.insert(fold::key(&name).into(), listed);
        }
        Ok(turn)
    }

    /// The item of this name, or that there is none; `None` where nobody knows.
    pub fn find(&self, name: &str) -> Option<Option<Item>> {
        match self.items.get(fold::key(name).as_str()) {
            // One that cannot be read is asked for by itself.
            Some(listed) => serde_json::from_slice(&listed.page.item(listed.nth)).ok().map(Some),
            None => (!self.singly).then_some(None),
        }
    }

    /// Forgets the files: the folders in it are still to come. These take bytes of their own, for their pages to go.
    pub fn keep_folders(&mut self) {
        self.items.retain(|_, item| item.is_folder);
        self.items.shrink_to_fit();
        for listed in self.items.values_mut() {
            let item = Bytes::copy_from_slice(&listed.page.item(listed.nth));
            let items = OnceLock::from(vec![item]);
            *listed = Listed { page: Arc::new(Kept { page: Bytes::new(), items }), nth: 0, ..*listed };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known of an item: `None` where it has to be asked for by itself, else whether it is there.
    fn known(listing: &Listing, name: &str) -> Option<bool> {
        listing.find(name).map(|item| item.is_some_and(|item| fold::key(&item.name) == fold::key(name)))
    }

    #[test]
    fn items_are_found_on_their_pages_and_folders_once_the_files_are_forgotten() {
        let mut listing = Listing::default();
        for page in [
            r#"{"value":[{"id":"1","name":"a"},{"id":"2","name":"B","folder":{}}],"@odata.nextLink":"x"}"#,
            r#"{"value":[{"id":"3","name":"c\u0064"},{"id":"4","name":"e","folder":{},"size":"large"}]}"#,
        ] {
            let next = page.contains("nextLink").then(|| "x".to_owned());
            assert_eq!(listing.add(&page.into()).unwrap(), Turn { is_empty: false, next });
        }
        let all = ["a", "b", "CD", "e", "f"];
        let known = |listing: &Listing| all.map(|name| known(listing, name));
        assert_eq!(known(&listing), [Some(true), Some(true), Some(true), None, Some(false)]);
        listing.keep_folders();
        assert_eq!(known(&listing), [Some(false), Some(true), Some(false), None, Some(false)]);
        assert_eq!(listing.find("b").unwrap().unwrap().id, "2");
    }

    #[test]
    fn an_item_that_is_no_text_is_asked_for_by_itself() {
        let mut listing = Listing::default();
        let page = b"{\"value\":[{\"id\":\"1\",\"name\":\"a\",\"folder\":{},\"webUrl\":\"\xff\"}]}";
        listing.add(&Bytes::from_static(page)).unwrap();
        assert_eq!(known(&listing, "a"), None);
        listing.keep_folders();
        assert_eq!(known(&listing, "a"), None);
    }
}
