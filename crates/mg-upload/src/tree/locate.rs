//! Each way in which a destination can be named, and the drive that it leads to.

use serde::Deserialize;
use serde_json::Value;

use super::browser::{self, Address};
use super::fold;
use super::item::Item;
use super::remote::Remote;
use super::request::Way;
use super::resolve::{DRIVE, FOLDER};
use crate::error::{Error, Kind};
use crate::net::Transport;
use crate::protocol::place::encode;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drive {
    pub id: String,
    name: Option<String>,
    pub drive_type: Option<String>,
    #[serde(default)]
    pub quota: Value,
    pub web_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Site {
    id: String,
}

/// A drive, the item in it that was named (`None`: its root), and the names below that.
pub(super) struct Located {
    pub drive: String,
    pub item: Option<String>,
    pub below: Vec<String>,
}

impl<T: Transport> Remote<'_, T> {
    /// The drive, and what is named in it.
    pub(super) async fn locate(&self, way: Way<'_>) -> Result<Located, Error> {
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
