//! From the way in which a destination is named to a drive and a folder in it: asked once, then only ids count.

use serde::Deserialize;
use serde_json::{Value, json};

use super::browser::{self, Address};
use super::fold;
use super::names::{self, DriveKind, Spot, units};
use super::remote::{Item, Remote};
use super::request::{Destination, Way};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::protocol::place::encode;

const DRIVE: &str = "$select=id,name,driveType,webUrl";
const FOLDER: &str = "$select=id,name,folder,package,root,remoteItem,parentReference,webUrl";

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
}

impl Root {
    /// What is told of it.
    pub fn report(&self) -> Value {
        let Root { drive, folder, path, web_url, kind, .. } = self;
        json!({ "driveId": drive, "itemId": folder, "path": path, "webUrl": web_url, "driveType": kind })
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Drive {
    id: String,
    name: Option<String>,
    drive_type: Option<String>,
    web_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Site {
    id: String,
}

/// A drive, the item in it that was named (`None`: its root), and the names below that.
struct Located {
    drive: String,
    item: Option<String>,
    below: Vec<String>,
}

impl<T: Transport> Remote<'_, T> {
    /// Finds the folder, and makes it where it is not there, unless `dry`.
    pub async fn resolve(&self, destination: &Destination, dry: bool) -> Result<Root, Error> {
        let Located { drive, item, mut below } = self.locate(destination.way()?).await?;
        below.extend(destination.folders()?);
        let drive: Drive = self.look(&format!("/v1.0/drives/{}?{DRIVE}", encode(&drive))).await?;
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
        root.folder = folder.map(|folder| folder.id);
        Ok(())
    }

    async fn locate(&self, way: Way<'_>) -> Result<Located, Error> {
        let of_drive = |drive: Drive| Located { drive: drive.id, item: None, below: Vec::new() };
        match way {
            Way::Drive(id) => Ok(Located { drive: id.to_owned(), item: None, below: Vec::new() }),
            Way::User(user) if user.eq_ignore_ascii_case("me") => {
                self.look(&format!("/v1.0/me/drive?{DRIVE}")).await.map(of_drive)
            }
            Way::User(user) => {
                self.look(&format!("/v1.0/users/{}/drive?{DRIVE}", encode(user))).await.map(of_drive)
            }
            Way::Group(group) => {
                self.look(&format!("/v1.0/groups/{}/drive?{DRIVE}", encode(group))).await.map(of_drive)
            }
            Way::Site(id, library) => self.library(id, library).await,
            Way::SiteUrl(url, library) => {
                let Address::Path { host, names } = browser::read(url)? else {
                    return Err(Error::InvalidInput("the site's URL is a sharing link".into()));
                };
                let site = self.site(&host, &names).await?;
                self.library(&site.id, library).await
            }
            Way::Channel(team, channel) => {
                let path = format!("/v1.0/teams/{}/channels/{}/filesFolder", encode(team), encode(channel));
                let folder: Item = self.look(&path).await?;
                of_item(folder)
            }
            Way::Url(url) => self.by_address(url).await,
        }
    }

    async fn site(&self, host: &str, names: &[String]) -> Result<Site, Error> {
        let path = names.iter().map(|name| encode(name)).collect::<Vec<_>>().join("/");
        let place = if path.is_empty() { host.to_owned() } else { format!("{host}:/{path}") };
        self.look(&format!("/v1.0/sites/{place}?$select=id,webUrl")).await
    }

    async fn libraries(&self, site: &str) -> Result<Vec<Drive>, Error> {
        self.all(&format!("/v1.0/sites/{}/drives?{DRIVE}", encode(site))).await
    }

    /// A site's library, by its name as it is shown, else by the name in its address.
    async fn library(&self, site: &str, name: Option<&str>) -> Result<Located, Error> {
        let Some(name) = name else {
            let drive: Drive = self.look(&format!("/v1.0/sites/{}/drive?{DRIVE}", encode(site))).await?;
            return Ok(Located { drive: drive.id, item: None, below: Vec::new() });
        };
        let all = self.libraries(site).await?;
        let wanted = fold::key(name);
        let shown = |drive: &&Drive| drive.name.as_deref().is_some_and(|own| fold::key(own) == wanted);
        let in_address = |drive: &&Drive| drive.last_name().is_some_and(|own| fold::key(&own) == wanted);
        let mut fit: Vec<&Drive> = all.iter().filter(shown).collect();
        if fit.is_empty() {
            fit = all.iter().filter(in_address).collect();
        }
        match fit.as_slice() {
            [drive] => Ok(Located { drive: drive.id.clone(), item: None, below: Vec::new() }),
            found => {
                let list = |drives: &[&Drive]| {
                    drives.iter().filter_map(|drive| drive.name.clone()).collect::<Vec<_>>().join("', '")
                };
                let all: Vec<&Drive> = all.iter().collect();
                Err(Error::InvalidInput(match found {
                    [] => format!("the site has no library '{name}'; it has '{}'", list(&all)),
                    several => format!(
                        "the site has {} libraries of the name '{name}': '{}'",
                        several.len(),
                        list(several)
                    ),
                }))
            }
        }
    }

    /// A folder by its address: by the site's libraries, which takes no more than the right to read sites; where that leads
    /// nowhere, as a link.
    async fn by_address(&self, url: &str) -> Result<Located, Error> {
        let Address::Path { host, names } = browser::read(url)? else { return self.by_link(url).await };
        match self.by_path(&host, &names).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => self.by_link(url).await,
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Forbidden | Kind::InvalidInput) => {
                self.by_link(url).await.map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }

    async fn by_path(&self, host: &str, names: &[String]) -> Result<Option<Located>, Error> {
        let own = browser::site_names(names);
        // A name more may be that of a site below the site.
        for length in [own, own + 1] {
            let Some(site) = names.get(..length) else { break };
            let site = match self.site(host, site).await {
                Err(error) if length > own && error.kind() == Kind::NotFound => break,
                site => site?,
            };
            let drives = self.libraries(&site.id).await?;
            let addresses = drives.iter().map(|drive| drive.web_url.as_deref().unwrap_or_default());
            if let Some((index, below)) = browser::library_of(addresses, host, names) {
                return Ok(Some(Located { drive: drives[index].id.clone(), item: None, below }));
            }
            if names.len() == length {
                // The site itself: its own library is meant.
                return self.library(&site.id, None).await.map(Some);
            }
        }
        Ok(None)
    }

    async fn by_link(&self, url: &str) -> Result<Located, Error> {
        let path = format!("/v1.0/shares/{}/driveItem?{FOLDER}", browser::share_token(url));
        // For this request alone: nothing is added to what the user has been given.
        let prefer = [("prefer".to_owned(), "redeemSharingLinkIfNecessary".to_owned())];
        let item: Item = self.look_with(&path, &prefer).await?;
        if item.remote_item.is_none() && !item.is_folder() {
            return Err(Error::InvalidInput(format!(
                "the link leads to the file '{}', and no folder",
                item.name
            )));
        }
        of_item(item)
    }
}

impl Drive {
    fn last_name(&self) -> Option<String> {
        let url = url::Url::parse(self.web_url.as_deref()?).ok()?;
        browser::names(url.path()).pop()
    }
}

fn of_item(item: Item) -> Result<Located, Error> {
    let (id, parent) = match item.remote_item {
        Some(remote) => (remote.id, remote.parent_reference),
        None => (item.id, item.parent_reference),
    };
    let drive = parent.and_then(|parent| parent.drive_id);
    let drive = drive
        .ok_or_else(|| Error::InvalidInput("the service does not tell the destination's drive".into()))?;
    Ok(Located { drive, item: Some(id), below: Vec::new() })
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
