//! Print documents: ranges in any order.

use crate::{
    clock,
    config::{Casing, RangeForm},
    message::{Answer, Family, Head},
    refusal::Refusal,
    route::Document,
    session::{self, Goal, SessionId},
    world::World,
};
use serde_json::{Value, json};

pub(crate) fn create(
    world: &mut World,
    document: &Document,
    body: &[u8],
    application: bool,
) -> Result<Answer, Refusal> {
    // Service principals cannot print; what is missing shows as an error without a name.
    if application {
        return Err(Refusal::new(403, "UnknownError", ""));
    }
    let (missing, denied) = (Refusal::item_not_found(), Refusal::access_denied());
    let known = (&document.ids[0], &world.config.known_printers);
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    World::check_ids(&document.ids, Some(known), missing, denied)?;
    let properties = body.get("properties").filter(|p| p.is_object()).ok_or_else(malformed)?;
    let text = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text("documentName").ok_or_else(malformed)?;
    let content_type = text("contentType").ok_or_else(malformed)?;
    let size = properties.get("size").and_then(Value::as_u64).filter(|s| *s > 0).ok_or_else(malformed)?;
    let taken = world.config.print.content_types.as_ref();
    if taken.is_some_and(|types| !types.contains(&content_type)) {
        let text = format!("Unsupported document-format {content_type}.");
        return Err(Refusal::new(415, "415", text));
    }
    if size > world.config.print.max_size {
        return Err(Refusal::new(413, "413", "The document is too large."));
    }
    let mark = world.guid();
    let secret = world.number();
    let target = format!("/uploadSessions/{mark}?tempauthtoken=v1.print~{secret:06}");
    let (key, path) = (document.key.clone(), document.path.clone());
    let goal = Goal::Document { key, path, name, content_type };
    let life = world.config.print.life_seconds.saturating_mul(1000);
    let mut session = world.session(Family::Print, target.clone(), mark, goal, life);
    session.total = Some(size);
    let ranges = session::ranges(&session.gaps(), RangeForm::Closed);
    let expires = clock::iso(session.expires);
    world.sessions.add(session);
    let context = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession".to_owned();
    let url = format!("{}{target}", world.endpoints.upload);
    Ok(Answer::json(200, &session::body(Some(context), Casing::Camel, expires, ranges, Some(url))))
}

/// Files a complete document.
pub(crate) fn finish(world: &mut World, id: SessionId) -> Result<Answer, Refusal> {
    let session = world.sessions.get(id);
    let Goal::Document { key, path, name, content_type } = session.goal.clone() else {
        return Err(Refusal::session_not_found());
    };
    let size = session.position;
    let document_id = key.rsplit('/').next().unwrap_or_default().to_owned();
    let document = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#print/printers/jobs/documents/$entity",
        "id": document_id, "documentName": name, "displayName": name, "displayContentType": content_type,
        "contentType": content_type, "size": size, "uploadedDateTime": clock::iso(world.now),
    });
    world.documents.insert(key, document.clone());
    world.file(id, &document_id, &name, path);
    Ok(Answer::json(201, &document))
}

/// `GET …/documents/{id}`; a document that was not uploaded yet has a size of zero.
pub(crate) fn read(world: &World, document: &Document, head: &Head) -> Result<Answer, Refusal> {
    let known = (&document.ids[0], &world.config.known_printers);
    World::check_ids(&document.ids, Some(known), Refusal::item_not_found(), Refusal::access_denied())?;
    if head.method != "GET" {
        return Err(Refusal::new(405, "invalidRequest", "The method is not allowed."));
    }
    let empty = json!({"id": document.ids[2], "documentName": null, "contentType": null, "size": 0, "uploadedDateTime": null});
    Ok(Answer::json(200, world.documents.get(&document.key).unwrap_or(&empty)))
}

fn malformed() -> Refusal {
    Refusal::new(400, "BadRequest", "The request is malformed or incorrect.")
}
