//! Reading, changing and deleting drive items.

use crate::{
    message::{Answer, Head},
    place,
    refusal::Refusal,
    route::{DriveAction, Place},
    world::World,
};
use serde_json::{Value, json};

pub(crate) fn handle(
    world: &mut World,
    place: &Place,
    action: DriveAction,
    head: &Head,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let spot = place::resolve(world, place, None)?;
    let drive = world.drives.get_mut(&spot.drive).ok_or_else(Refusal::item_not_found)?;
    if action == DriveAction::Children {
        let parent = match &spot.name {
            Some(name) => format!("{}/{name}", spot.parent),
            None => spot.parent.clone(),
        };
        let inside: Vec<usize> =
            (0..drive.items.len()).filter(|i| drive.items[*i].parent == parent).collect();
        let children: Vec<Value> = inside.into_iter().map(|index| drive.item_json(index, true)).collect();
        return Ok(Answer::json(200, &json!({"value": children})));
    }
    if spot.name.is_none() && spot.parent.is_empty() {
        let root = json!({"id": "root", "name": "root", "root": {}, "folder": {}, "parentReference": {"driveId": drive.id}});
        return Ok(Answer::json(200, &root));
    }
    let folder = spot.parent.rsplit_once('/').and_then(|(parent, name)| drive.by_path(parent, name));
    let index = if spot.name.is_some() { spot.index(drive) } else { folder };
    let index = index.ok_or_else(Refusal::item_not_found)?;
    match head.method.as_str() {
        "GET" => Ok(Answer::json(200, &drive.item_json(index, true))),
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
