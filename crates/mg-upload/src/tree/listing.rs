//! What a folder at the destination holds, by the names that are one there.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::fold;
use super::item::{Item, SELECT};
use super::pages::each_page;
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

/// An item as it stands on its page, whose bytes it keeps: of 100,000 most are never looked at.
#[derive(Debug)]
struct Listed {
    json: Bytes,
    is_folder: bool,
}

/// What is read of every item.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    folder: Option<IgnoredAny>,
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
        match each_page(remote, &path, |page| page.into_iter().try_for_each(|json| listing.add(json))).await {
            Err(error)
                if matches!(error.kind(), Kind::ServerFault | Kind::Timeout) && error.refusal().is_some() =>
            {
                Ok(Listing { singly: true, ..Listing::default() })
            }
            read => read.map(|()| listing),
        }
    }

    fn add(&mut self, json: Bytes) -> serde_json::Result<()> {
        let Named { name, folder } = serde_json::from_slice(&json)?;
        let (key, is_folder) = (fold::key(&name).into(), folder.is_some());
        drop(name);
        self.items.insert(key, Listed { json, is_folder });
        Ok(())
    }

    /// The item of this name, or that there is none; `None` where nobody knows.
    pub fn find(&self, name: &str) -> Option<Option<Item>> {
        match self.items.get(fold::key(name).as_str()) {
            // One that cannot be read is asked for by itself.
            Some(listed) => serde_json::from_slice(&listed.json).ok().map(Some),
            None => (!self.singly).then_some(None),
        }
    }

    /// Forgets the files: the folders in it are still to come. These take bytes of their own, for their pages to go.
    pub fn keep_folders(&mut self) {
        self.items.retain(|_, item| item.is_folder);
        self.items.shrink_to_fit();
        self.items.values_mut().for_each(|item| item.json = Bytes::copy_from_slice(&item.json));
    }
}
