//! What a folder at the destination holds, by the names that are one there.

use std::collections::HashMap;

use super::fold;
use super::pages::Pages;
use super::remote::{Item, Remote, SELECT};
use crate::error::{Error, Kind};
use crate::net::Transport;

/// Items on a page. The service may send fewer.
const PAGE: &str = "$top=1000";

/// A folder's items. What is not among them may be there all the same: the service promises no whole list to who reads
/// while others write.
#[derive(Debug, Default)]
pub struct Listing {
    /// Boxed: a folder of 100,000 items is moved as it grows.
    items: HashMap<Box<str>, Box<Item>>,
    /// Whether the service could not list the folder: each name is then asked for by itself.
    singly: bool,
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
        let (mut listing, mut pages) = (Listing::default(), Pages::of(remote, &path));
        loop {
            let page: Option<Vec<Box<Item>>> = match pages.next().await {
                Err(error)
                    if matches!(error.kind(), Kind::ServerFault | Kind::Timeout)
                        && error.refusal().is_some() =>
                {
                    return Ok(Listing { singly: true, ..Listing::default() });
                }
                page => page?,
            };
            let Some(items) = page else { break };
            listing.items.extend(items.into_iter().map(|item| (fold::key(&item.name).into(), item)));
        }
        Ok(listing)
    }

    /// The item of this name, or that there is none; `None` where nobody knows.
    pub fn find(&self, name: &str) -> Option<Option<Item>> {
        (!self.singly).then(|| self.get(name).cloned())
    }

    /// The item of this name.
    pub fn get(&self, name: &str) -> Option<&Item> {
        self.items.get(fold::key(name).as_str()).map(Box::as_ref)
    }

    /// Forgets the files: the folders in it are still to come.
    pub fn keep_folders(&mut self) {
        self.items.retain(|_, item| item.is_folder());
        self.items.shrink_to_fit();
    }
}
