//! What a caller asks for: sources, a destination, and how.

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::map::NameMap;
use super::plan::IfExists;
use super::shard::Shard;
use super::walk::{Links, Source};
use crate::error::Error;

/// Files at once that no caller may exceed: more have had whole applications blocked.
const MOST_AT_ONCE: usize = 64;
/// Files at once where the caller says nothing.
const AT_ONCE: usize = 8;
/// Files at once of all machines together where the caller says nothing: what a tenant takes without complaint.
const TOGETHER: usize = 16;

/// A tree that is to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TreeRequest {
    /// Files and folders here.
    pub sources: Vec<Source>,
    /// Whether folders may be among them.
    #[serde(default)]
    pub recurse: bool,
    /// Patterns of files that are meant; none: all.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of files and folders that are not.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Whether hidden files are meant.
    #[serde(default)]
    pub hidden: bool,
    /// What is done with links.
    #[serde(default)]
    pub links: Links,
    /// Whether files are read that are in a cloud and would be downloaded first.
    #[serde(default)]
    pub cloud_only: bool,
    /// Where they go.
    pub destination: Destination,
    /// What is done where another file has the name.
    #[serde(default)]
    pub if_exists: IfExists,
    /// Send all, and replace whatever is there.
    #[serde(default)]
    pub force: bool,
    /// Whether files keep their time; by default they do.
    #[serde(default)]
    pub preserve_time: Option<bool>,
    /// Files at once, at most; 8 by default.
    #[serde(default)]
    pub throttle_limit: Option<usize>,
    /// Which part of the tree is meant; by default all of it.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// Other characters for those that the destination refuses.
    #[serde(default)]
    pub name_map: Option<NameMap>,
    /// Only tell what would be sent: nothing is made or sent.
    #[serde(default)]
    pub dry_run: bool,
}

/// A folder of a drive, named in one of several ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Destination {
    /// A drive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive_id: Option<String>,
    /// A user's OneDrive; "me" for one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// A group's library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// A site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_id: Option<String>,
    /// A site by its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_url: Option<String>,
    /// The site's library, by its name; by default the site's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// A team, together with its channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<String>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// A folder's address in a browser, or a sharing link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A folder below what was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// The one way in which a destination is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way<'a> {
    /// A drive's id.
    Drive(&'a str),
    /// A user's id or name, or `me`.
    User(&'a str),
    /// A group's id.
    Group(&'a str),
    /// A site's id, and its library's name.
    Site(&'a str, Option<&'a str>),
    /// A site's address, and its library's name.
    SiteUrl(&'a str, Option<&'a str>),
    /// A team's id and a channel's.
    Channel(&'a str, &'a str),
    /// An address or a link.
    Url(&'a str),
}

impl TreeRequest {
    /// Reads a request. One that cannot be carried out is refused before anything is done.
    pub fn from_json(json: &str) -> Result<TreeRequest, Error> {
        let request: TreeRequest = serde_json::from_str(json)
            .map_err(|error| Error::InvalidInput(format!("this is no request for a tree: {error}")))?;
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), Error> {
        if self.sources.is_empty() {
            return Err(Error::InvalidInput("there is no file or folder to send".into()));
        }
        let renamed = self.sources.iter().find(|source| source.name.is_some());
        if renamed.is_some_and(|renamed| renamed.contents || self.sources.len() > 1) {
            return Err(Error::InvalidInput("only a single source, sent whole, can get another name".into()));
        }
        if self.throttle_limit.is_some_and(|limit| !(1..=MOST_AT_ONCE).contains(&limit)) {
            return Err(Error::InvalidInput(format!("from 1 to {MOST_AT_ONCE} files can be sent at once")));
        }
        self.destination.way()?;
        self.destination.folders()?;
        self.filter()?;
        self.shard.map_or(Ok(()), Shard::check)?;
        self.name_map.as_ref().map_or(Ok(()), NameMap::check)
    }

    pub(crate) fn filter(&self) -> Result<Filter, Error> {
        Filter::new(&self.include, &self.exclude)
    }

    pub(crate) fn at_once(&self) -> usize {
        let machines = self.shard.map_or(1, |shard| shard.count as usize);
        self.throttle_limit.unwrap_or((TOGETHER / machines).clamp(1, AT_ONCE))
    }

    pub(crate) fn keeps_time(&self) -> bool {
        self.preserve_time.unwrap_or(true)
    }
}

impl Destination {
    /// The one way in which it is named.
    pub fn way(&self) -> Result<Way<'_>, Error> {
        let text = |text: &'_ Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let library = self.library.as_deref();
        let ways = [
            self.drive_id.as_deref().map(Way::Drive),
            self.user_id.as_deref().map(Way::User),
            self.group_id.as_deref().map(Way::Group),
            self.site_id.as_deref().map(|id| Way::Site(id, library)),
            self.site_url.as_deref().map(|url| Way::SiteUrl(url, library)),
            self.team_id
                .as_deref()
                .map(|team| Way::Channel(team, self.channel_id.as_deref().unwrap_or_default())),
            self.url.as_deref().map(Way::Url),
        ];
        let all = [
            &self.drive_id,
            &self.user_id,
            &self.group_id,
            &self.site_id,
            &self.site_url,
            &self.library,
            &self.team_id,
            &self.channel_id,
            &self.url,
        ];
        if all.iter().any(|given| given.is_some() && !text(given)) {
            return Err(Error::InvalidInput("a name or id of the destination is empty".into()));
        }
        if self.team_id.is_some() != self.channel_id.is_some() {
            return Err(Error::InvalidInput("a channel is named by its team's id and its own".into()));
        }
        if library.is_some() && self.site_id.is_none() && self.site_url.is_none() {
            return Err(Error::InvalidInput("a library is one of a site: the site is not named".into()));
        }
        let mut ways = ways.into_iter().flatten();
        match (ways.next(), ways.next()) {
            (Some(way), None) => Ok(way),
            (None, _) => Err(Error::InvalidInput(
                "the destination is not named: by a drive, a user, a group, a site, a channel or a URL"
                    .into(),
            )),
            (Some(_), Some(_)) => Err(Error::InvalidInput(
                "the destination is named in more than one way: which is meant?".into(),
            )),
        }
    }

    /// The names of the path below what was named.
    pub fn folders(&self) -> Result<Vec<String>, Error> {
        let path = self.path.as_deref().unwrap_or_default().replace('\\', "/");
        let names: Vec<String> = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        match names.iter().any(|name| name == "." || name == "..") {
            true => Err(Error::InvalidInput(format!(
                "the path '{path}' has dots for a name: name the folder itself"
            ))),
            false => Ok(names),
        }
    }
}

#[cfg(test)]
mod tests;
