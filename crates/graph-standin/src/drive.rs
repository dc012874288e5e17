//! Drives and their items.

mod item;

use crate::{
    clock,
    config::{Config, DriveConfig, Hashes, Kind, SessionLife},
    items::Items,
    refusal::Refusal,
    session::{Behaviour, Stock},
};
use serde_json::{Value, json};

pub(crate) use item::Item;

const DAY: u64 = 86_400_000;

pub(crate) struct Drive {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) config: DriveConfig,
    pub(crate) items: Items,
    /// Names that cancelled sessions still block: path and until when.
    pub(crate) stubs: Vec<(String, u64)>,
}

/// Where a file is to be put.
pub(crate) struct Target<'a> {
    pub(crate) item: Option<&'a str>,
    pub(crate) parent: &'a str,
    pub(crate) name: &'a str,
    pub(crate) behaviour: Behaviour,
    pub(crate) times: Option<Value>,
}

impl Drive {
    pub(crate) fn new(id: &str, config: &Config, now: u64) -> Self {
        let config = config.drives.get(id).unwrap_or(&config.drive).clone();
        let by_name = if id.starts_with("personal") { Kind::Personal } else { Kind::Business };
        let kind = config.kind.unwrap_or(by_name);
        let mut drive = Self { id: id.to_owned(), kind, config, items: Items::default(), stubs: Vec::new() };
        for item in drive.config.items.clone() {
            let (parent, name) = item.path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", &item.path));
            let id = item.id.unwrap_or_else(|| format!("01SEED{:04}", drive.items.len()));
            let index = drive.add(id, parent, name, item.folder, now);
            drive.items[index].size = item.size;
            if let Some(tag) = item.e_tag {
                drive.items[index].e_tag = tag;
            }
            if let Some(tag) = item.c_tag {
                drive.items[index].c_tag = tag;
            }
        }
        drive
    }

    /// Life of a session in milliseconds, how far a fragment moves it, and whether its end is a 401.
    pub(crate) fn life(&self) -> (u64, u64, bool) {
        let by_kind =
            if self.kind == Kind::Business { SessionLife::Sliding15m } else { SessionLife::Fixed7d };
        match self.config.session_life.unwrap_or(by_kind) {
            SessionLife::Fixed7d => (7 * DAY, 0, false),
            SessionLife::Sliding15m => (900_000, 900_000, false),
            SessionLife::Fixed24h => (DAY, 0, true),
        }
    }

    /// Its kind as items name it.
    pub(crate) fn type_name(&self) -> &'static str {
        if self.kind == Kind::Business { "business" } else { "personal" }
    }

    /// Its address in a browser.
    pub(crate) fn web_url(&self) -> String {
        self.config.web_url.clone().unwrap_or_else(|| format!("https://files.test/{}", self.id))
    }

    pub(crate) fn one_session_a_name(&self) -> bool {
        self.config.open_session_conflict.unwrap_or(self.kind == Kind::Business)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<usize> {
        self.items.by_id(id)
    }

    /// Names differ only by more than their case.
    pub(crate) fn by_path(&self, parent: &str, name: &str) -> Option<usize> {
        self.items.by_path(&format!("{parent}/{name}"))
    }

    pub(crate) fn add(&mut self, id: String, parent: &str, name: &str, folder: bool, now: u64) -> usize {
        let mut item = Item {
            id,
            parent: parent.to_owned(),
            name: name.to_owned(),
            folder,
            size: 0,
            e_tag: String::new(),
            c_tag: String::new(),
            version: 0,
            created: now,
            modified: now,
            times: None,
            digest: None,
            reads: 0,
        };
        item.new_tags();
        self.items.push(item);
        self.items.len() - 1
    }

    pub(crate) fn used(&self) -> u64 {
        self.items.iter().fold(0, |sum, item| sum.saturating_add(item.size))
    }

    /// Bytes of an item; of a folder, those of all below it.
    fn size(&self, item: &Item) -> u64 {
        if item.folder { self.items.size_below(&item.path()) } else { item.size }
    }

    /// Bytes that are free when the item at `replaced` goes.
    pub(crate) fn free(&self, replaced: Option<usize>) -> u64 {
        let gone = replaced.map_or(0, |index| self.items[index].size);
        self.config.quota.map_or(u64::MAX, |quota| quota.saturating_sub(self.used().saturating_sub(gone)))
    }

    /// Puts a file in place: 201 for a new item, 200 for a replaced one.
    pub(crate) fn put(
        &mut self,
        target: Target<'_>,
        new_id: String,
        stock: &Stock,
        now: u64,
    ) -> Result<(u16, usize), Refusal> {
        let existing =
            target.item.and_then(|id| self.by_id(id)).or_else(|| self.by_path(target.parent, target.name));
        if existing.is_some_and(|index| self.items[index].folder) {
            return Err(name_exists());
        }
        let replaced = existing.filter(|_| target.behaviour == Behaviour::Replace);
        if stock.length > self.free(replaced) {
            return Err(no_space());
        }
        let (status, index) = match (existing, target.behaviour) {
            (Some(_), Behaviour::Fail) => return Err(name_exists()),
            (Some(index), Behaviour::Replace) => (200, index),
            (Some(_), Behaviour::Rename) => {
                let name = self.free_name(target.parent, target.name);
                (201, self.add(new_id, target.parent, &name, false, now))
            }
            (None, _) => {
                let id = target.item.map_or(new_id, str::to_owned);
                (201, self.add(id, target.parent, target.name, false, now))
            }
        };
        let item = &mut self.items[index];
        item.size = stock.length;
        item.digest.clone_from(&stock.digest);
        item.modified = now;
        item.reads = 0;
        item.times = target.times;
        item.new_tags();
        Ok((status, index))
    }

    pub(crate) fn free_name(&self, parent: &str, name: &str) -> String {
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (name, String::new()),
        };
        (1..)
            .map(|n| format!("{stem} {n}{extension}"))
            .find(|name| self.by_path(parent, name).is_none())
            .unwrap_or_default()
    }

    /// What SharePoint does to Office files after the answer.
    pub(crate) fn rewrite(&mut self, index: usize) {
        let item = &mut self.items[index];
        let office = ["docx", "xlsx", "pptx", "pdf", "html", "jpg", "jpeg"];
        let extension = item.name.rsplit_once('.').map(|(_, e)| e.to_lowercase()).unwrap_or_default();
        if self.kind == Kind::Business && self.config.office_rewriting && office.contains(&extension.as_str())
        {
            let added = b"<rewritten/>";
            item.size += added.len() as u64;
            if let Some(digest) = &mut item.digest {
                digest.update(added);
            }
            item.new_tags();
        }
    }

    /// The driveItem. `read` counts as a look at it, which late hashes wait for.
    pub(crate) fn item_json(&mut self, index: usize, read: bool) -> Value {
        self.items[index].reads += u32::from(read);
        let item = &self.items[index];
        let mut body = json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#driveItem",
            "id": item.id, "name": item.name, "size": self.size(item), "eTag": item.e_tag, "cTag": item.c_tag,
            "createdDateTime": clock::iso(item.created), "lastModifiedDateTime": clock::iso(item.modified),
            "webUrl": item.web_url(&self.web_url()),
            "parentReference": {
                "driveId": self.id,
                "driveType": self.type_name(),
                "id": self.folder_id(&item.parent),
                "path": format!("/drives/{}/root:{}", self.id, item.parent),
            },
        });
        if item.folder {
            let children = self.items.inside(&item.path()).len();
            body["folder"] = json!({"childCount": children});
        } else {
            body["file"] = json!({"mimeType": "application/octet-stream", "hashes": self.hashes(item)});
        }
        let mut times = json!({"createdDateTime": clock::iso(item.created), "lastModifiedDateTime": clock::iso(item.modified)});
        if let (Some(times), Some(Value::Object(given))) = (times.as_object_mut(), &item.times) {
            times.extend(given.clone());
        }
        body["fileSystemInfo"] = times;
        body
    }

    fn hashes(&self, item: &Item) -> Value {
        match (&item.digest, self.config.hashes) {
            (None, _) | (_, Hashes::Absent) => json!({}),
            (_, Hashes::Late) if item.reads < 2 => json!({}),
            _ if item.size == 0 => json!({}),
            (Some(digest), Hashes::Hex) => json!({"quickXorHash": digest.quick_xor_hex()}),
            (Some(digest), _) => json!({"quickXorHash": digest.quick_xor()}),
        }
    }

    fn folder_id(&self, path: &str) -> String {
        let folder = self.items.by_path(path).map(|index| &self.items[index]).filter(|item| item.folder);
        folder.map_or_else(|| "root".to_owned(), |folder| folder.id.clone())
    }
}

pub(crate) fn name_exists() -> Refusal {
    Refusal::new(409, "nameAlreadyExists", "The specified item name already exists.")
}

pub(crate) fn no_space() -> Refusal {
    Refusal::new(507, "quotaLimitReached", "Insufficient Space Available")
}
