//! Reading, changing and deleting drive items.

use crate::{
    drive::name_exists,
    drive_create::{CONFLICT, behaviour},
    listing::{Page, selected},
    lookup::root_json,
    message::{Answer, Head},
    place,
    refusal::Refusal,
    route::{DriveAction, Place},
    session::Behaviour,
    world::World,
};
use serde_json::{Map, Value};

pub(crate) fn handle(
    world: &mut World,
    place: &Place,
    action: DriveAction,
    head: &Head,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let spot = place::resolve(world, place, None)?;
    let drive = world.drives.get_mut(&spot.drive).ok_or_else(Refusal::item_not_found)?;
    if action == DriveAction::Item && head.method == "POST" {
        // The path was not closed, so that the action became a part of it; or there is no such action.
        return Err(Refusal::bad("API not found"));
    }
    if action == DriveAction::Children {
        // A name is left where there is no such folder.
        if spot.name.is_some() {
            return Err(Refusal::item_not_found());
        }
        let parent = spot.parent;
        match head.method.as_str() {
            "GET" => return children(world, &spot.drive, &parent, head),
            "POST" => return make_child(world, &spot.drive, &parent, body),
            _ => return Err(Refusal::new(405, "invalidRequest", "The method is not allowed.")),
        }
    }
    if spot.name.is_none() && spot.parent.is_empty() {
        return Ok(Answer::json(200, &selected(&head.target, root_json(drive))));
    }
    let folder = spot.parent.rsplit_once('/').and_then(|(parent, name)| drive.by_path(parent, name));
    let index = if spot.name.is_some() { spot.index(drive) } else { folder };
    let index = index.ok_or_else(Refusal::item_not_found)?;
    match head.method.as_str() {
        "GET" => Ok(Answer::json(200, &selected(&head.target, drive.item_json(index, true)))),
        "DELETE" => {
            drive.items.remove(index);
            Ok(Answer::empty(204))
        }
        "PATCH" => {
            let patch: Value = serde_json::from_slice(body).unwrap_or_default();
            if let Some(times) = patch.get("fileSystemInfo").filter(|t| t.is_object()) {
                drive.items[index].times = Some(times.clone());
                drive.items[index].new_e_tag();
            }
            Ok(Answer::json(200, &drive.item_json(index, true)))
        }
        _ => Err(Refusal::new(405, "invalidRequest", "The method is not allowed.")),
    }
}

/// `GET …/children`, a page of it.
fn children(world: &mut World, drive: &str, parent: &str, head: &Head) -> Result<Answer, Refusal> {
    if let Some(page) = world.pages.get(&head.target) {
        return Ok(page.clone());
    }
    let (graph, keeps) = (world.endpoints.graph.clone(), world.config.sink);
    let drive = world.drives.get_mut(drive).ok_or_else(Refusal::item_not_found)?;
    let page = Page::of(&head.target, drive.config.page_size)?;
    let inside = drive.items.inside(parent);
    let whole = inside.len();
    if drive.config.largest_listing.is_some_and(|most| whole > most) {
        return Err(Refusal::new(504, "UnknownError", ""));
    }
    let part: Vec<usize> = inside.iter().skip(page.first).take(page.count).copied().collect();
    let value: Vec<Value> =
        part.into_iter().map(|index| selected(&head.target, drive.item_json(index, true))).collect();
    let answer = page.answer(&graph, &head.target, whole, &value);
    if keeps {
        world.pages.insert(head.target.clone(), answer.clone());
    }
    Ok(answer)
}

/// `POST …/children`: an empty folder or file.
fn make_child(world: &mut World, drive: &str, parent: &str, body: &[u8]) -> Result<Answer, Refusal> {
    let malformed = || Refusal::bad("The request is malformed or incorrect.");
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| malformed())?;
    let name = body.get("name").and_then(Value::as_str).ok_or_else(malformed)?;
    place::check_name(name)?;
    let folder = match (body.contains_key("folder"), body.contains_key("file")) {
        (folder, file) if folder != file => folder,
        _ => return Err(malformed()),
    };
    if folder {
        place::check_folder_name(name)?;
    }
    let behaviour = match body.get(CONFLICT) {
        // What is made here has no bytes of its own that could replace another's.
        None => Behaviour::Fail,
        Some(_) => behaviour(&body)?,
    };
    let (id, now) = (format!("01ITEM{:06}", world.number()), world.now);
    let drive = world.drives.get_mut(drive).ok_or_else(Refusal::item_not_found)?;
    place::check_place(drive, parent, name)?;
    let name = match (drive.by_path(parent, name), behaviour) {
        (Some(index), Behaviour::Replace) if drive.items[index].folder && folder => {
            return Ok(Answer::json(200, &drive.item_json(index, false)));
        }
        (Some(_), Behaviour::Rename) => drive.free_name(parent, name),
        (Some(_), _) => return Err(name_exists()),
        (None, _) => name.to_owned(),
    };
    let index = drive.add(id, parent, &name, folder, now);
    Ok(Answer::json(201, &drive.item_json(index, false)))
}
