//! From the way in which a destination is named to a drive and a folder in it: asked once, then only ids count.

use serde_json::{Value, json};

use super::browser;
use super::fold;
use super::item::Item;
use super::locate::{Drive, Located};
use super::names::{self, DriveKind, Spot, units};
use super::remote::Remote;
use super::request::Destination;
use super::space;
use crate::error::Error;
use crate::net::Transport;
use crate::protocol::place::encode;

pub(super) const DRIVE: &str = "$select=id,name,driveType,webUrl";
pub(super) const FOLDER: &str = "$select=id,name,size,folder,package,root,remoteItem,parentReference,webUrl";

/// Where files go.
#[derive(Debug, Clone)]
pub struct Root {
    /// The drive.
    pub drive: String,
    /// Whose rules hold there.
    pub kind: DriveKind,
    /// The folder; `None` where it is not there and nothing shall be made.
    pub folder: Option<String>,
    /// Whether it was made just now: then nothing is in it.
    pub is_new: bool,
    /// Its path in the drive, without a slash at either end.
    pub path: String,
    /// Its address in a browser, or that of the nearest folder above it.
    pub web_url: Option<String>,
    /// Whether it is the drive's root.
    pub is_root: bool,
    /// UTF-16 units of its path from after the host on, a slash included.
    pub before: usize,
    /// Folders made on the way.
    pub made: u64,
    /// Bytes that are free in the drive, where it tells.
    pub free: Option<u64>,
    /// Bytes in the folder and in all below it, where it tells.
    pub holds: Option<u64>,
}

impl Root {
    /// What is told of it.
    pub fn report(&self) -> Value {
        let Root { drive, folder, path, web_url, kind, .. } = self;
        json!({ "driveId": drive, "itemId": folder, "path": path, "webUrl": web_url, "driveType": kind })
    }
}

impl<T: Transport> Remote<'_, T> {
    /// Finds the folder, and makes it where it is not there, unless `dry`.
    pub async fn resolve(&self, destination: &Destination, dry: bool) -> Result<Root, Error> {
        let Located { drive, item, mut below } = self.locate(destination.way()?).await?;
        below.extend(destination.folders()?);
        let drive: Drive = self.look(&format!("/v1.0/drives/{}?{DRIVE},quota", encode(&drive))).await?;
        let kind = match drive.drive_type.as_deref() {
            Some("personal") => DriveKind::Personal,
            _ => DriveKind::Business,
        };
        let base = self.base(&drive.id, item.as_deref()).await?;
        let mut root = Root {
            is_root: base.root.is_some(),
            path: path_in_drive(&base),
            web_url: base.web_url.clone().or(drive.web_url),
            drive: drive.id,
            kind,
            folder: Some(base.id),
            is_new: false,
            before: 0,
            made: 0,
            free: space::free(&drive.quota),
            holds: base.size,
        };
        root.before = before(&root);
        for name in below {
            self.descend(&mut root, name, dry).await?;
        }
        Ok(root)
    }

    /// The folder that was named itself.
    async fn base(&self, drive: &str, item: Option<&str>) -> Result<Item, Error> {
        let path = match item {
            Some(item) => self.path(drive, item, &[], "", FOLDER),
            None => format!("/v1.0/drives/{}/root?{FOLDER}", encode(drive)),
        };
        let base: Item = self.look(&path).await?;
        if base.is_folder() {
            return Ok(base);
        }
        Err(Error::InvalidInput(format!("the destination '{}' is no folder", base.name)))
    }

    /// One folder further down.
    async fn descend(&self, root: &mut Root, name: String, dry: bool) -> Result<(), Error> {
        let name = fold::composed(&name);
        let spot = Spot { drive: root.kind, is_folder: true, at_root: root.is_root, before: root.before };
        names::check(&name, spot)
            .map_err(|why| Error::InvalidInput(format!("the destination has no folder '{name}': {why}")))?;
        let folder = match &root.folder {
            None => None,
            Some(_) if root.is_new => None,
            Some(parent) => self.find(&root.drive, parent, &name).await?,
        };
        let folder = match (folder, &root.folder) {
            (None, Some(parent)) if !dry => {
                let (made, is_new) = self.folder(&root.drive, parent, &name).await?;
                root.is_new = is_new;
                root.made += u64::from(is_new);
                Some(made)
            }
            (found, _) => found,
        };
        if folder.as_ref().is_some_and(|folder| !folder.is_folder()) {
            return Err(Error::InvalidInput(format!("the destination's '{name}' is no folder")));
        }
        let name = folder.as_ref().map_or(name, |folder| folder.name.clone());
        root.is_root = false;
        root.before += units(&name) + 1;
        root.path = [root.path.as_str(), &name]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        root.web_url = folder.as_ref().and_then(|folder| folder.web_url.clone()).or(root.web_url.take());
        root.holds = folder.as_ref().map_or(Some(0), |folder| folder.size);
        root.folder = folder.map(|folder| folder.id);
        Ok(())
    }
}

/// A folder's path in its drive.
fn path_in_drive(item: &Item) -> String {
    if item.root.is_some() {
        return String::new();
    }
    let above = item.parent_reference.as_ref().and_then(|parent| parent.path.as_deref()).unwrap_or_default();
    let above = above.split_once("root:").map_or("", |(_, path)| path).trim_matches('/');
    let mut names = browser::names(above);
    names.push(item.name.clone());
    names.join("/")
}

/// What the limit of a path counts before the first name of ours. A personal drive's address is no path.
fn before(root: &Root) -> usize {
    let counted = |path: &str| if path.is_empty() { 0 } else { units(path) + 1 };
    let address = root.web_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    match address.filter(|_| root.kind == DriveKind::Business) {
        Some(url) => counted(&browser::names(url.path()).join("/")),
        None => counted(&root.path),
    }
}
