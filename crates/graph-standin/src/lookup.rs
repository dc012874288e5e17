//! Ways to a drive: by its id, its owner, a site and its libraries, a sharing link, a channel.

use crate::{
    config::Config,
    drive::{Drive, Item},
    listing::{Page, selected},
    message::{Answer, Head},
    refusal::Refusal,
    route::decode,
    world::World,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// A drive by its id, or its owner's.
    Drive { owner: Option<String>, id: String },
    /// A site by its host and path.
    Site { host: String, path: String },
    /// A site's default library.
    SiteDrive(String),
    /// All of a site's libraries.
    SiteDrives(String),
    /// What a link leads to.
    Share(String),
    /// A channel's folder.
    Channel { team: String, channel: String },
}

/// Reads the path of a lookup, without the version; `me` stands as `users/me`.
pub(crate) fn parse(raw: &[&str]) -> Option<Lookup> {
    Some(match raw {
        ["drives", id] => Lookup::Drive { owner: None, id: decode(id) },
        ["users" | "groups", owner, "drive"] => {
            let owner = decode(owner);
            Lookup::Drive { id: format!("drive-of-{owner}"), owner: Some(owner) }
        }
        ["sites", id, "drive"] => Lookup::SiteDrive(decode(id)),
        ["sites", id, "drives"] => Lookup::SiteDrives(decode(id)),
        ["sites", host] => Lookup::Site { host: decode(host.trim_end_matches(':')), path: String::new() },
        ["sites", host, path @ ..] if host.ends_with(':') => {
            let path = path.iter().map(|name| decode(name)).collect::<Vec<_>>().join("/");
            Lookup::Site { host: decode(host.trim_end_matches(':')), path }
        }
        ["shares", token, "driveItem"] => Lookup::Share(decode(token)),
        ["teams", team, "channels", channel, "filesFolder"] => {
            Lookup::Channel { team: decode(team), channel: decode(channel) }
        }
        _ => return None,
    })
}

pub(crate) fn handle(world: &mut World, lookup: &Lookup, head: &Head) -> Result<Answer, Refusal> {
    if head.method != "GET" {
        return Err(Refusal::new(405, "invalidRequest", "The method is not allowed."));
    }
    let answer = |value: Value| Answer::json(200, &selected(&head.target, value));
    match lookup {
        Lookup::Drive { owner, id } => {
            let (missing, denied) = (Refusal::item_not_found, Refusal::access_denied);
            let known = Some((id, &world.config.known_drives)).filter(|_| owner.is_none());
            World::check_ids([id], known, missing(), denied())?;
            if let Some(owner) = owner {
                World::check_ids([owner], Some((owner, &world.config.known_users)), missing(), denied())?;
            }
            Ok(answer(drive_json(drive(world, id))))
        }
        Lookup::Site { host, path } => {
            let site = world
                .config
                .sites
                .iter()
                .find(|site| site.is_at(host, path) || path.is_empty() && site.id == *host);
            let site = site.ok_or_else(Refusal::item_not_found)?;
            Ok(answer(json!({ "id": site.id, "webUrl": site.web_url, "displayName": site.id })))
        }
        Lookup::SiteDrive(site) => {
            let first =
                drives_of(&world.config, site)?.first().cloned().ok_or_else(Refusal::item_not_found)?;
            Ok(answer(drive_json(drive(world, &first))))
        }
        Lookup::SiteDrives(site) => {
            let ids = drives_of(&world.config, site)?;
            let page = Page::of(&head.target, world.config.drive.page_size)?;
            let graph = world.endpoints.graph.clone();
            let part = ids.iter().skip(page.first).take(page.count);
            let value: Vec<Value> =
                part.map(|id| selected(&head.target, drive_json(drive(world, id)))).collect();
            Ok(page.answer(&graph, &head.target, ids.len(), &value))
        }
        Lookup::Share(token) => {
            let coded = token.strip_prefix("u!").ok_or_else(|| Refusal::bad("Invalid shares key"))?;
            let link = URL_SAFE_NO_PAD.decode(coded).ok().and_then(|link| String::from_utf8(link).ok());
            let place = link.and_then(|link| world.config.shares.get(&link).cloned());
            let place = place.ok_or_else(|| {
                Refusal::new(
                    403,
                    "accessDenied",
                    "The sharing link no longer exists, or you do not have permission to access it.",
                )
            })?;
            item_at(world, &place.drive, &place.path).map(answer)
        }
        Lookup::Channel { team, channel } => {
            let known =
                world.config.channels.iter().find(|known| known.team == *team && known.channel == *channel);
            let place = known.map(|known| known.folder.clone());
            let place =
                place.ok_or_else(|| Refusal::new(404, "itemNotFound", "Sharepoint folder not found"))?;
            item_at(world, &place.drive, &place.path).map(answer)
        }
    }
}

fn drives_of(config: &Config, site: &str) -> Result<Vec<String>, Refusal> {
    let site = config.sites.iter().find(|known| known.id == site).ok_or_else(Refusal::item_not_found)?;
    Ok(site.drives.clone())
}

/// A drive, made up where there is none.
fn drive<'w>(world: &'w mut World, id: &str) -> &'w mut Drive {
    let (config, now) = (&world.config, world.now);
    world.drives.entry(id.to_owned()).or_insert_with(|| Drive::new(id, config, now))
}

fn item_at(world: &mut World, id: &str, path: &str) -> Result<Value, Refusal> {
    let drive = drive(world, id);
    if path.trim_matches('/').is_empty() {
        return Ok(root_json(drive));
    }
    let index =
        drive.items.by_path(&format!("/{}", path.trim_matches('/'))).ok_or_else(Refusal::item_not_found)?;
    Ok(drive.item_json(index, true))
}

pub(crate) fn drive_json(drive: &Drive) -> Value {
    let remaining = drive.config.quota.map(|quota| quota.saturating_sub(drive.used()));
    json!({
        "id": drive.id,
        "name": drive.config.name.as_deref().unwrap_or("Documents"),
        "driveType": drive.type_name(),
        "webUrl": drive.web_url(),
        "quota": { "total": drive.config.quota, "remaining": remaining },
    })
}

/// The folder that everything of a drive is in.
pub(crate) fn root_json(drive: &Drive) -> Value {
    json!({
        "id": "root", "name": "root", "size": drive.items.size_below(""), "root": {}, "folder": { "childCount": drive.items.inside("").len() },
        "webUrl": drive.web_url(),
        "parentReference": { "driveId": drive.id, "driveType": drive.type_name() },
    })
}

impl Item {
    /// Its address in a browser, below the drive's.
    pub(crate) fn web_url(&self, drive: &str) -> String {
        format!("{drive}{}", self.path())
    }
}
