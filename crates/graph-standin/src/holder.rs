//! What files are attached to: a message, an event, a post, a task, as it is read.

use crate::{
    attachment::{check_place, not_found},
    message::{Answer, Head},
    refusal::Refusal,
    route::{Attachments, query},
    world::World,
};
use serde_json::{Value, json};

/// Reads one, with the members that `$select` names.
pub(crate) fn read(world: &World, place: &Attachments, head: &Head) -> Result<Answer, Refusal> {
    check_place(world, place)?;
    if head.method != "GET" {
        return Err(Refusal::new(405, "ErrorInvalidRequest", "The method is not allowed."));
    }
    let id = place.ids.last().ok_or_else(|| not_found(place.family))?;
    let all = json!({
        "id": id, "isDraft": !id.starts_with("sent"), "subject": "Subject",
        "hasAttachments": world.attachments.iter().any(|one| one.key == place.key),
        "body": {"contentType": "html", "content": world.config.outlook.body},
    });
    let wanted = query(&head.target, "$select");
    let Some(wanted) = wanted else { return Ok(Answer::json(200, &all)) };
    let chosen: serde_json::Map<String, Value> = ["id"]
        .into_iter()
        .chain(wanted.split(','))
        .filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())))
        .collect();
    Ok(Answer::json(200, &Value::Object(chosen)))
}
