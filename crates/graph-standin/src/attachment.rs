//! Attachments of Outlook items and To Do tasks.

mod small;

use crate::{
    clock,
    config::{Casing, RangeForm},
    message::{Answer, Family, Head},
    refusal::Refusal,
    route::{Attachments, ListAction, query},
    session::{self, Goal, SessionId},
    world::{Attachment, World},
};
use serde_json::{Value, json};

/// Everything under `…/attachments`. `application` says that the token is an application's.
pub(crate) fn handle(
    world: &mut World,
    place: &Attachments,
    action: &ListAction,
    head: &Head,
    body: &[u8],
    application: bool,
) -> Result<Answer, Refusal> {
    match (head.method.as_str(), action) {
        ("POST", ListAction::Create) => create(world, place, body, application),
        ("GET", ListAction::List) => {
            check_place(world, place)?;
            Ok(Answer::json(200, &list(world, place, head)))
        }
        ("POST", ListAction::List) => small::post(world, place, body, application),
        ("GET", ListAction::One(id)) => {
            check_place(world, place)?;
            let found = world.attachments.iter().find(|a| a.key == place.key && a.id == *id);
            found
                .map(|a| Answer::json(200, &attachment_json(a, place.family)))
                .ok_or_else(|| not_found(place.family))
        }
        _ => Err(Refusal::new(405, "ErrorInvalidRequest", "The method is not allowed.")),
    }
}

fn create(world: &mut World, place: &Attachments, body: &[u8], application: bool) -> Result<Answer, Refusal> {
    let todo = place.family == Family::Todo;
    check_taker(world, place, application)?;
    let wrapper = if todo { "attachmentInfo" } else { "AttachmentItem" };
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed(place.family))?;
    let info = body.get(wrapper).filter(|i| i.is_object()).ok_or_else(|| malformed(place.family))?;
    let text = |name: &str| info.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").filter(|n| !n.is_empty()).ok_or_else(|| malformed(place.family))?;
    let size = info.get("size").and_then(Value::as_u64).ok_or_else(|| malformed(place.family))?;
    if !text("attachmentType").is_some_and(|kind| kind.eq_ignore_ascii_case("file")) {
        return Err(malformed(place.family));
    }
    if !info.as_object().is_some_and(|info| info.iter().all(is_member)) {
        return Err(malformed(place.family));
    }
    check_size(world, place.family, size)?;
    let mark = world.guid();
    let (target, location) = targets(world, place, &mark);
    let goal = Goal::Attachment {
        key: place.key.clone(),
        path: place.path.clone(),
        name,
        content_type: text("contentType"),
        location,
    };
    let config = &world.config;
    let (life, status) = if todo {
        (config.todo.life_seconds, config.todo.create_status)
    } else {
        (config.outlook.life_seconds, 201)
    };
    let url = format!("{}{target}", if todo { &world.endpoints.graph } else { &world.endpoints.upload });
    let mut session = world.session(place.family, target, mark, goal, life.saturating_mul(1000));
    session.total = Some(size);
    // The creation tells an open range in camel case; what follows does not.
    let expires = clock::iso(session.expires).replace('Z', "7671Z");
    let ranges = session::ranges(&session.gaps(), RangeForm::Open);
    world.sessions.add(session);
    let context = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession".to_owned();
    Ok(Answer::json(status, &session::body(Some(context), Casing::Camel, expires, ranges, Some(url))))
}

/// A page of the attachments, and where the next one is.
fn list(world: &World, place: &Attachments, head: &Head) -> Value {
    let here = world.attachments.iter().filter(|a| a.key == place.key);
    let all: Vec<Value> = here.map(|a| attachment_json(a, place.family)).collect();
    let skip = query(&head.target, "$skip").and_then(|text| text.parse().ok()).unwrap_or(0);
    let page: Vec<_> = all.iter().skip(skip).take(world.config.outlook.page_size).cloned().collect();
    let next = skip + page.len();
    let mut answer = json!({"value": page});
    if next < all.len() {
        let link = format!("{}{}?$skip={next}", world.endpoints.graph, head.path());
        answer["@odata.nextLink"] = json!(link);
    }
    answer
}

/// Refuses what takes no attachment from this caller.
fn check_taker(world: &World, place: &Attachments, application: bool) -> Result<(), Refusal> {
    let todo = place.family == Family::Todo;
    if todo && application {
        return Err(Refusal::access_denied());
    }
    check_place(world, place)?;
    // The last id is the message's or event's own.
    if !todo && place.ids.last().is_some_and(|id| id.starts_with("sent")) {
        return Err(Refusal::new(400, "ErrorInvalidRequest", "Attachments can be added to drafts only."));
    }
    Ok(())
}

fn too_much() -> Refusal {
    Refusal::new(400, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
}

/// Whether an attachment has such a member, of such a type.
fn is_member((name, value): (&String, &Value)) -> bool {
    match name.as_str() {
        "attachmentType" | "name" => value.is_string(),
        "contentType" | "contentId" => value.is_string() || value.is_null(),
        "isInline" => value.is_boolean() || value.is_null(),
        "size" => value.is_u64(),
        other => other.starts_with('@'),
    }
}

/// The upload URL's target, and what comes before an attachment's id in `Location`.
fn targets(world: &mut World, place: &Attachments, mark: &str) -> (String, String) {
    let number = world.number();
    let last = place.ids.last().map(String::as_str).unwrap_or_default();
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    if place.family == Family::Todo {
        let parent = &place.parent_raw;
        return (
            format!("{parent}/attachmentSessions/{mark}"),
            format!("{}{parent}/attachments/", world.endpoints.graph),
        );
    }
    let message = format!("/api/v2.0/Users('{}')/Messages('{}')", encode(&place.ids[0]), encode(last));
    (
        format!("{message}/AttachmentSessions('AAMk{number}~')?authtoken=eyJ.{mark}.{number}"),
        format!("{}{message}/Attachments('", world.endpoints.upload),
    )
}

/// Files a complete attachment.
pub(crate) fn finish(world: &mut World, id: SessionId) -> Result<Answer, Refusal> {
    let session = world.sessions.get(id);
    let (family, size) = (session.family, session.position);
    let Goal::Attachment { key, path, name, content_type, location } = session.goal.clone() else {
        return Err(Refusal::session_not_found());
    };
    if family == Family::Outlook {
        let there: u64 = world.attachments.iter().filter(|a| a.key == key).map(|a| a.size).sum();
        if there.saturating_add(size) > world.config.outlook.message_limit {
            return Err(too_much());
        }
    }
    let attachment = format!("AAMkATT{:06}", world.number());
    let close = if family == Family::Outlook { "')" } else { "" };
    let location = format!("{location}{attachment}{close}");
    let file = format!("{path}/{attachment}");
    let modified = world.now;
    world.attachments.push(Attachment {
        key,
        id: attachment.clone(),
        name: name.clone(),
        size,
        content_type,
        modified,
    });
    world.file(id, &attachment, &name, file);
    Ok(Answer::empty(201).with("Location", location))
}

fn attachment_json(attachment: &Attachment, family: Family) -> Value {
    let kind = if family == Family::Todo { "taskFileAttachment" } else { "fileAttachment" };
    // What Outlook reports includes the transport's overhead.
    let overhead = if family == Family::Outlook { attachment.size / 22 + 154 } else { 0 };
    json!({
        "@odata.type": format!("#microsoft.graph.{kind}"), "id": attachment.id, "name": attachment.name,
        "size": attachment.size + overhead, "contentType": attachment.content_type,
        "lastModifiedDateTime": clock::iso(attachment.modified),
    })
}

fn check_size(world: &World, family: Family, size: u64) -> Result<(), Refusal> {
    let outlook = &world.config.outlook;
    let refuse = |code: &'static str, text: &'static str| Err(Refusal::new(400, code, text));
    match family {
        Family::Outlook if size < outlook.min_size => refuse(
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            "Attachment size must be greater than the minimum size.",
        ),
        Family::Outlook if size > outlook.max_size => {
            refuse("ErrorAttachmentSizeLimitExceeded", "The attachment exceeds the maximum supported size.")
        }
        Family::Todo if size > world.config.todo.max_size || size == 0 => {
            refuse("invalidRequest", "The attachment's size is out of range.")
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_place(world: &World, place: &Attachments) -> Result<(), Refusal> {
    let denied = match place.family {
        Family::Outlook => {
            Refusal::new(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        }
        _ => Refusal::access_denied(),
    };
    World::check_ids(
        &place.ids,
        Some((&place.ids[0], &world.config.known_users)),
        not_found(place.family),
        denied,
    )
}

pub(crate) fn not_found(family: Family) -> Refusal {
    match family {
        Family::Outlook => {
            Refusal::new(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        }
        _ => Refusal::item_not_found(),
    }
}

fn malformed(family: Family) -> Refusal {
    match family {
        Family::Outlook => Refusal::new(400, "ErrorInvalidRequest", "The request is malformed or incorrect."),
        _ => Refusal::bad("The request is malformed or incorrect."),
    }
}
