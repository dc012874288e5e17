//! Putting a complete drive session's file in place.

use crate::{
    config::Kind,
    drive::Target,
    drive_create,
    message::{Answer, Family, Head, Listener},
    place,
    refusal::Refusal,
    route::Place,
    session::{Behaviour, DriveGoal, SessionId, Stock},
    sessions::Found,
    world::World,
};
use serde_json::Value;

/// Commits; the session stays when that fails.
pub(crate) fn commit(world: &mut World, id: SessionId, goal: &DriveGoal) -> Result<Answer, Refusal> {
    let stock = world.sessions.get(id).stock.clone();
    let (answer, item, name, path) = place_file(world, goal, &stock)?;
    world.file(id, &item, &name, path);
    Ok(answer)
}

/// Puts bytes in place: the answer, and the item's id, name and path.
fn place_file(
    world: &mut World,
    goal: &DriveGoal,
    stock: &Stock,
) -> Result<(Answer, String, String, String), Refusal> {
    let new_id = format!("01ITEM{:06}", world.number());
    let now = world.now;
    make_folders(world, goal)?;
    let drive = world.drives.get_mut(&goal.drive).ok_or_else(Refusal::item_not_found)?;
    let target = Target {
        item: goal.item.as_deref(),
        parent: &goal.parent,
        name: &goal.name,
        behaviour: goal.behaviour,
        times: goal.times.clone(),
    };
    let (status, index) = drive.put(target, new_id, stock, now)?;
    let body = drive.item_json(index, false);
    drive.rewrite(index);
    let item = &drive.items[index];
    let path = format!("{}:{}", drive.id, item.path());
    Ok((Answer::json(status, &body), item.id.clone(), item.name.clone(), path))
}

/// Parent folders that do not exist are made on the way.
fn make_folders(world: &mut World, goal: &DriveGoal) -> Result<(), Refusal> {
    let mut parent = String::new();
    for name in goal.parent.split('/').filter(|name| !name.is_empty()) {
        let id = format!("01FOLDER{:06}", world.number());
        let now = world.now;
        let drive = world.drives.get_mut(&goal.drive).ok_or_else(Refusal::item_not_found)?;
        match drive.by_path(&parent, name) {
            None if !drive.config.implicit_folders => return Err(Refusal::item_not_found()),
            None => {
                drive.add(id, &parent, name, true, now);
            }
            Some(_) => {}
        }
        parent = format!("{parent}/{name}");
    }
    Ok(())
}

/// `POST {uploadUrl}`: a business session with all its bytes is committed.
pub(crate) fn by_post(world: &mut World, id: SessionId) -> Result<Answer, Refusal> {
    let crate::session::Goal::Drive(goal) = world.sessions.get(id).goal.clone() else {
        return Err(Refusal::new(405, "notSupported", "The session does not support POST."));
    };
    if world.drives[&goal.drive].kind == Kind::Personal {
        return Err(Refusal::new(405, "notSupported", "The session does not support POST."));
    }
    if !world.sessions.get(id).complete() {
        return Err(Refusal::bad("The upload session is incomplete.").inner("uploadSessionIncomplete"));
    }
    commit(world, id, &goal)
}

/// `PUT {drive}/root:/{path}` with `@microsoft.graph.sourceUrl`.
pub(crate) fn by_source_url(
    world: &mut World,
    place: &Place,
    head: &Head,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::bad("The request is malformed or incorrect."))?;
    let spot = place::resolve(world, place, None)?;
    let url = body.get("@microsoft.graph.sourceUrl").and_then(Value::as_str).unwrap_or_default();
    let target = url.strip_prefix(world.endpoints.upload.as_str()).unwrap_or_default();
    let (Found::Exactly(id) | Found::Quoted(id)) = world.sessions.find(Listener::Upload, target) else {
        return Err(Refusal::session_not_found());
    };
    crate::put::alive(world.sessions.get(id), world.now)?;
    let crate::session::Goal::Drive(mut goal) = world.sessions.get(id).goal.clone() else {
        return Err(Refusal::bad("The session belongs to no drive."));
    };
    let name = spot.name.clone().ok_or_else(|| Refusal::bad("A valid path must be provided"))?;
    if body.get("name").and_then(Value::as_str).is_some_and(|given| given != name) {
        return Err(Refusal::bad(
            "The name in the provided oneDrive.item does not match the name in the URL",
        ));
    }
    if spot.drive != goal.drive {
        return Err(Refusal::bad("The session belongs to another drive."));
    }
    let drive = &world.drives[&spot.drive];
    drive_create::check_preconditions(drive, spot.index(drive), head)?;
    if !world.sessions.get(id).complete() {
        return Err(Refusal::bad("The upload session is incomplete.").inner("uploadSessionIncomplete"));
    }
    match body.get("@microsoft.graph.conflictBehavior").and_then(Value::as_str) {
        Some("rename") => goal.behaviour = Behaviour::Rename,
        Some("replace") => goal.behaviour = Behaviour::Replace,
        Some("fail") => goal.behaviour = Behaviour::Fail,
        _ => {}
    }
    let index = spot.index(&world.drives[&spot.drive]);
    goal.item = index.map(|index| world.drives[&spot.drive].items[index].id.clone());
    (goal.parent, goal.name) = (spot.parent, name);
    commit(world, id, &goal)
}

/// `PUT …:/content`, the way for files of no bytes.
pub(crate) fn simple_put(
    world: &mut World,
    place: &Place,
    head: &Head,
    stock: Stock,
) -> Result<Answer, Refusal> {
    let spot = place::resolve(world, place, None)?;
    let drive = &world.drives[&spot.drive];
    drive_create::check_preconditions(drive, spot.index(drive), head)?;
    let behaviour = match crate::route::query(&head.target, "@microsoft.graph.conflictBehavior").as_deref() {
        Some("fail") => Behaviour::Fail,
        Some("rename") => Behaviour::Rename,
        _ => Behaviour::Replace,
    };
    let name = spot.name.ok_or_else(|| Refusal::bad("Cannot upload to a folder"))?;
    let goal = DriveGoal {
        drive: spot.drive,
        item: spot.item,
        parent: spot.parent,
        name,
        behaviour,
        defer: false,
        times: None,
    };
    let (answer, item, name, path) = place_file(world, &goal, &stock)?;
    world.record_file(Family::Drive, stock, &item, &name, path);
    Ok(answer)
}
