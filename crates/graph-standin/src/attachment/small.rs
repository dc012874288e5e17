//! Attachments whose bytes are in the request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{attachment_json, check_taker, malformed, too_much};
use crate::message::{Answer, Family};
use crate::refusal::Refusal;
use crate::route::Attachments;
use crate::world::{Attachment, World};

/// The largest request that Graph takes; base64 leaves 3,145,611 bytes for the file.
const SMALL_REQUEST: usize = 4 << 20;

/// `POST …/attachments` with the bytes in the body, for those that are too small for a session.
pub(super) fn post(
    world: &mut World,
    place: &Attachments,
    body: &[u8],
    application: bool,
) -> Result<Answer, Refusal> {
    check_taker(world, place, application)?;
    let malformed = || malformed(place.family);
    if body.len() > SMALL_REQUEST {
        return Err(Refusal::new(413, "ErrorRequestEntityTooLarge", "The request is too large."));
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let kind = if place.family == Family::Todo { "taskFileAttachment" } else { "fileAttachment" };
    if text("@odata.type") != Some(&format!("#microsoft.graph.{kind}"))
        || !body
            .as_object()
            .is_some_and(|members| members.iter().all(|one| is_small_member(place.family, one)))
    {
        return Err(malformed());
    }
    let name = text("name").filter(|name| !name.is_empty()).ok_or_else(malformed)?.to_owned();
    let bytes = text("contentBytes").and_then(|text| STANDARD.decode(text).ok()).ok_or_else(malformed)?;
    let there: u64 = world.attachments.iter().filter(|a| a.key == place.key).map(|a| a.size).sum();
    if place.family == Family::Outlook && there + bytes.len() as u64 > world.config.outlook.message_limit {
        return Err(too_much());
    }
    let mut stock = world.stock();
    stock.push(&bytes);
    let attachment = Attachment {
        key: place.key.clone(),
        id: format!("AAMkATT{:06}", world.number()),
        name,
        size: stock.length,
        content_type: text("contentType").map(str::to_owned),
        modified: world.now,
    };
    let mut body = attachment_json(&attachment, place.family);
    // The service sends the bytes back.
    body["contentBytes"] = json!(STANDARD.encode(&bytes));
    let path = format!("{}/{}", place.path, attachment.id);
    world.record_file(place.family, stock, &attachment.id, &attachment.name, path);
    world.attachments.push(attachment);
    Ok(Answer::json(201, &body))
}

/// Whether an attachment that has its bytes in it has such a member, of such a type.
fn is_small_member(family: Family, (name, value): (&String, &Value)) -> bool {
    match name.as_str() {
        "name" | "contentType" | "contentBytes" => value.is_string(),
        "contentId" => family == Family::Outlook && (value.is_string() || value.is_null()),
        "isInline" => family == Family::Outlook && value.is_boolean(),
        other => other.starts_with('@'),
    }
}
