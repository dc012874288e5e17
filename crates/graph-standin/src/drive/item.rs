//! An item of a drive.

use serde_json::Value;

use crate::hash::Digest;

pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) folder: bool,
    pub(crate) size: u64,
    pub(crate) e_tag: String,
    pub(crate) c_tag: String,
    pub(crate) version: u32,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) times: Option<Value>,
    /// Hash of the bytes as they are now.
    pub(crate) digest: Option<Digest>,
    pub(crate) reads: u32,
}

impl Item {
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.parent, self.name)
    }

    pub(crate) fn new_tags(&mut self) {
        self.version += 1;
        self.c_tag = format!("\"c:{{{}}},{}\"", self.id, self.version);
        self.new_e_tag();
    }

    /// Business changes the eTag as soon as a session is opened on an item.
    pub(crate) fn new_e_tag(&mut self) {
        let count =
            self.e_tag.trim_matches('"').rsplit(',').next().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        self.e_tag = format!("\"{{{}}},{}\"", self.id, count + 1);
    }
}
