//! An item of a drive, as far as it is read.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::names::DriveKind;
use super::plan::There;
use crate::protocol::item::is_rewritten_kind;

/// What is read of an item.
pub const SELECT: &str =
    "$select=id,name,size,file,folder,package,remoteItem,fileSystemInfo,eTag,cTag,webUrl";

/// An item, as far as it is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its bytes; of a folder, those of all below it.
    pub size: Option<u64>,
    file: Option<FileFacet>,
    folder: Option<IgnoredAny>,
    package: Option<IgnoredAny>,
    /// Of a link to a folder of another drive: that folder.
    pub remote_item: Option<Box<Reference>>,
    file_system_info: Option<Times>,
    /// The tag of all of it.
    pub e_tag: Option<String>,
    c_tag: Option<String>,
    /// Its address in a browser.
    pub web_url: Option<String>,
    /// The folder that holds it.
    pub parent_reference: Option<Parent>,
    /// Of a drive's root.
    pub root: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
struct FileFacet {
    hashes: Option<Hashes>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hashes {
    quick_xor_hash: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    last_modified_date_time: Option<String>,
}

/// A folder of another drive.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// Its id there.
    pub id: String,
    /// Where it is.
    pub parent_reference: Option<Parent>,
}

/// The folder that holds an item.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parent {
    /// The drive.
    pub drive_id: Option<String>,
    /// Its path: `/drives/{id}/root:/a/b`.
    pub path: Option<String>,
}

impl Item {
    /// Whether it is a folder that files can be put into.
    pub fn is_folder(&self) -> bool {
        (self.folder.is_some() || self.root.is_some()) && self.package.is_none()
    }

    /// What it is to a file of its name.
    pub fn there(&self, drive: DriveKind) -> There {
        let hashes = self.file.as_ref().and_then(|file| file.hashes.as_ref());
        let time = self.file_system_info.as_ref().and_then(|times| times.last_modified_date_time.as_deref());
        There {
            is_other: self.file.is_none() || self.package.is_some() || self.remote_item.is_some(),
            size: self.size,
            modified: time.and_then(|time| time.parse().ok()),
            hash: hashes
                .and_then(|hashes| hashes.quick_xor_hash.clone())
                .filter(|hash| !hash.trim().is_empty()),
            c_tag: self.c_tag.clone(),
            may_be_rewritten: drive == DriveKind::Business && is_rewritten_kind(&self.name),
        }
    }
}
