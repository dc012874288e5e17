//! From a route to a place in a drive.

use crate::{
    config::{Addressing, Kind},
    drive::Drive,
    refusal::Refusal,
    route::{Place, decode},
    world::World,
};

/// A place in a drive. Without a name it is a folder, or the root.
pub(crate) struct Spot {
    pub(crate) drive: String,
    /// Path of the parent, or of the folder itself when there is no name.
    pub(crate) parent: String,
    pub(crate) name: Option<String>,
    /// The id that the request gave for a file.
    pub(crate) item: Option<String>,
    pub(crate) by_path: bool,
}

impl Spot {
    /// The existing item at this place.
    pub(crate) fn index(&self, drive: &Drive) -> Option<usize> {
        let name = self.name.as_deref()?;
        self.item.as_deref().and_then(|id| drive.by_id(id)).or_else(|| drive.by_path(&self.parent, name))
    }
}

/// Finds a place. An unknown item id is a folder when it begins with `folder`, or when a path begins with it; else it is
/// unknown indeed, or, where the configuration is lenient, a file of the name `made_up`.
pub(crate) fn resolve(world: &mut World, place: &Place, made_up: Option<&str>) -> Result<Spot, Refusal> {
    let (missing, denied) = (Refusal::item_not_found, Refusal::access_denied);
    let ids = place.owner.iter().chain([&place.drive]).chain(&place.item);
    World::check_ids(ids, Some((&place.drive, &world.config.known_drives)), missing(), denied())?;
    if let Some(owner) = &place.owner {
        World::check_ids([], Some((owner, &world.config.known_users)), missing(), denied())?;
    }
    let (config, now, known_only) = (&world.config, world.now, world.config.known_files_only);
    let drive =
        world.drives.entry(place.drive.clone()).or_insert_with(|| Drive::new(&place.drive, config, now));
    let mut spot = Spot {
        drive: place.drive.clone(),
        parent: String::new(),
        name: None,
        item: None,
        by_path: place.by_path,
    };
    if place.by_path {
        if place.colons && drive.config.addressing == Addressing::Children {
            return Err(bad_path());
        }
        if let Some(id) = &place.item {
            spot.parent = folder_path(drive, id, now)?;
        }
        // Personal drives decode twice.
        let again = |name: &String| if drive.kind == Kind::Personal { decode(name) } else { name.clone() };
        let path: Vec<String> = place.path.iter().map(again).collect();
        let (name, folders) = path.split_last().ok_or_else(bad_path)?;
        if name.is_empty() && folders.is_empty() && place.item.is_none() {
            return Err(bad_path());
        }
        for folder in folders {
            check_name(folder)?;
            spot.parent = format!("{}/{folder}", spot.parent);
        }
        check_name(name)?;
        check_place(drive, &spot.parent, name)?;
        let folder = drive.by_path(&spot.parent, name).filter(|index| drive.items[*index].folder);
        spot.name = folder.is_none().then(|| name.clone());
        if folder.is_some() {
            spot.parent = format!("{}/{name}", spot.parent);
        }
    } else if let Some(id) = &place.item {
        match drive.by_id(id).map(|index| &drive.items[index]) {
            Some(item) if item.folder => spot.parent = item.path(),
            Some(item) => {
                spot.parent.clone_from(&item.parent);
                spot.name = Some(item.name.clone());
                spot.item = Some(id.clone());
            }
            None if id.starts_with("folder") => spot.parent = folder_path(drive, id, now)?,
            None if known_only => return Err(missing()),
            None => {
                spot.name = Some(made_up.unwrap_or(id).to_owned());
                spot.item = Some(id.clone());
            }
        }
    }
    Ok(spot)
}

/// Path of the folder with this id, which is made up when there is none.
fn folder_path(drive: &mut Drive, id: &str, now: u64) -> Result<String, Refusal> {
    let index = match drive.by_id(id) {
        Some(index) => index,
        None => drive.add(id.to_owned(), "", id, true, now),
    };
    let item = &drive.items[index];
    if item.folder { Ok(item.path()) } else { Err(Refusal::item_not_found()) }
}

fn bad_path() -> Refusal {
    Refusal::bad("A valid path must be provided").inner("invalidPath")
}

/// What a name may not be right here, and how long a path may be: an address that the configuration gives counts from
/// after the host on.
pub(crate) fn check_place(drive: &Drive, parent: &str, name: &str) -> Result<(), Refusal> {
    let at_root = parent.is_empty() && drive.kind == Kind::Business;
    if at_root && name.eq_ignore_ascii_case("forms") {
        return Err(not_allowed());
    }
    let own = drive.config.web_url.as_deref().and_then(|url| url.split_once("://")?.1.split_once('/'));
    let own = own.map_or(0, |(_, path)| decode(path).encode_utf16().count() + 1);
    // The parent begins with a slash, which stands between its names and the address, and another comes before the name.
    let units = |text: &str| text.encode_utf16().count();
    if own + units(parent.trim_start_matches('/')) + usize::from(!parent.is_empty()) + units(name) > 400 {
        return Err(Refusal::bad("The specified path is too long.").inner("pathIsTooLong"));
    }
    Ok(())
}

/// What is refused for a folder alone.
pub(crate) fn check_folder_name(name: &str) -> Result<(), Refusal> {
    if name.starts_with('~') { Err(not_allowed()) } else { Ok(()) }
}

fn not_allowed() -> Refusal {
    Refusal::bad("The provided name is not allowed.").inner("invalidPath")
}

/// The names that the service refuses.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    let upper = name.to_uppercase();
    let stem = upper.split('.').next().unwrap_or_default();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&upper.as_str())
        || [".LOCK", "DESKTOP.INI"].contains(&upper.as_str())
        || (numbered("COM") || numbered("LPT")) && !upper.contains('.')
        || upper.contains("_VTI_")
        || upper.starts_with("~$");
    if name.is_empty() {
        return Err(bad_path());
    }
    if name.chars().any(|c| "\"*:<>?/\\|".contains(c) || c.is_control()) {
        return Err(Refusal::bad("The provided name contains invalid characters.")
            .inner("nameContainsInvalidCharacters"));
    }
    if reserved || name.starts_with(' ') || name.ends_with([' ', '.']) {
        return Err(not_allowed());
    }
    if name.chars().count() > 255 {
        return Err(Refusal::bad("The specified path is too long.").inner("pathIsTooLong"));
    }
    Ok(())
}
