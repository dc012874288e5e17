//! Creating a drive session, with the checks in the order of Appendix A.

use crate::{
    clock,
    config::{Casing, Kind},
    drive::{Drive, name_exists, no_space},
    message::{Answer, Family, Head},
    place::{self, Spot},
    refusal::Refusal,
    route::Place,
    session::{self, Behaviour, DriveGoal, Goal, Session},
    world::World,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// The members of an item, and the kind of drive that alone takes them.
const MEMBERS: [(&str, Option<Kind>); 6] = [
    ("description", Some(Kind::Personal)),
    ("driveItemSource", Some(Kind::Business)),
    ("fileSize", Some(Kind::Personal)),
    ("fileSystemInfo", None),
    ("mediaSource", None),
    ("name", None),
];
const BODY_MEMBERS: [&str; 2] = ["item", "deferCommit"];
/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
pub(crate) const CONFLICT: &str = "@microsoft.graph.conflictBehavior";

pub(crate) fn create(world: &mut World, place: &Place, head: &Head, body: &[u8]) -> Result<Answer, Refusal> {
    let body = body_json(body)?;
    let empty = Map::new();
    let item = match body.get("item") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(item)) => item,
        Some(_) => return Err(malformed()),
    };
    let known = |name: &String| name.starts_with('@') || BODY_MEMBERS.contains(&name.as_str());
    if !body.as_object().is_some_and(|body| body.keys().all(known)) {
        return Err(malformed());
    }
    let defer = match body.get("deferCommit") {
        None | Some(Value::Null) => false,
        Some(defer) => defer.as_bool().ok_or_else(malformed)?,
    };
    let body_name = match item.get("name") {
        None | Some(Value::Null) => None,
        Some(name) => Some(name.as_str().ok_or_else(malformed)?),
    };
    let mut spot = place::resolve(world, place, body_name)?;
    let needs_name = world.config.root_needs_name;
    let drive = world.drives.get_mut(&spot.drive).ok_or_else(Refusal::item_not_found)?;
    check_place(drive, &mut spot, body_name, needs_name)?;
    let parent_is_there = spot.parent.is_empty() || drive.items.by_path(&spot.parent).is_some();
    if !drive.config.implicit_folders && !parent_is_there {
        return Err(Refusal::item_not_found());
    }
    check_item(drive, item)?;
    let behaviour = behaviour(item)?;
    let existing = spot.index(drive);
    check_preconditions(drive, existing, head)?;
    let name = spot.name.clone().unwrap_or_default();
    let path = format!("{}:{}/{}", spot.drive, spot.parent, name).to_lowercase();
    let now = world.now;
    if drive.one_session_a_name() {
        let blocks = |s: &Session| s.family == Family::Drive && s.is_open(now) && !s.lost;
        if world.sessions.at(&path).any(blocks) {
            return Err(Refusal::new(
                409,
                "nameAlreadyExists",
                "An upload session already exists for this file",
            ));
        }
    }
    if drive.stubs.iter().any(|(stub, until)| *stub == path && now < *until) {
        let text = "A file with the same name is currently being uploaded. Please wait and try again.";
        return Err(Refusal::new(409, "nameAlreadyExists", text));
    }
    if existing.is_some() && behaviour == Behaviour::Fail && drive.kind == Kind::Business {
        return Err(name_exists());
    }
    if item.get("fileSize").and_then(Value::as_u64).is_some_and(|size| size > drive.free(existing)) {
        return Err(no_space());
    }
    if let (Kind::Business, Some(index)) = (drive.kind, existing) {
        drive.items[index].new_e_tag();
    }
    let goal = DriveGoal {
        item: spot.item.or_else(|| existing.map(|index| drive.items[index].id.clone())),
        drive: spot.drive,
        parent: spot.parent,
        name,
        behaviour,
        defer,
        times: item.get("fileSystemInfo").filter(|t| t.is_object()).cloned(),
    };
    Ok(open(world, goal))
}

fn open(world: &mut World, goal: DriveGoal) -> Answer {
    let drive = &world.drives[&goal.drive];
    let (kind, (life, slide, expired_is_401), form) = (drive.kind, drive.life(), drive.config.range_form);
    let mark = world.guid();
    let target = target(world, kind, &goal, &mark);
    let mut session = world.session(Family::Drive, target.clone(), mark, Goal::Drive(goal), life);
    (session.slide, session.expired_is_401) = (slide, expired_is_401);
    let ranges = session::ranges(&session.gaps(), form);
    let expires = clock::iso(session.expires);
    world.sessions.add(session);
    let context = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession".to_owned();
    let url = format!("{}{target}", world.endpoints.upload);
    Answer::json(200, &session::body(Some(context), Casing::Camel, expires, ranges, Some(url)))
}

/// The upload URL's target, in the shape of the kind, raw quotes included.
fn target(world: &mut World, kind: Kind, goal: &DriveGoal, mark: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let number = world.number();
    let secret =
        URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{},\"session\":{number}}}", world.now / 1000 + 86_400));
    if kind == Kind::Personal {
        return format!("/rup/{:016x}/{secret}/4mV~{mark}", number.wrapping_mul(0x9e37_79b9));
    }
    let flags = match goal.behaviour {
        Behaviour::Fail => "overwrite=False&rename=False",
        Behaviour::Replace => "overwrite=True&rename=False",
        Behaviour::Rename => "overwrite=False&rename=True",
    };
    let item = goal.item.clone().unwrap_or_else(|| format!("01STUB{number:06}"));
    format!(
        "/personal/u/_api/v2.0/drives/{}/items/{}/uploadSession?guid='{mark}'&path='~tmp{:02}_{}'&{flags}&dc={}&tempauth=v1.{secret}",
        encode(&goal.drive),
        encode(&item),
        number % 100,
        encode(&goal.name),
        u8::from(goal.defer),
    )
}

fn body_json(body: &[u8]) -> Result<Value, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object).ok_or_else(malformed)
}

fn malformed() -> Refusal {
    Refusal::bad("The request is malformed or incorrect.")
}

fn check_place(
    drive: &Drive,
    spot: &mut Spot,
    body_name: Option<&str>,
    needs_name: bool,
) -> Result<(), Refusal> {
    let personal = drive.kind == Kind::Personal;
    match (&spot.name, body_name) {
        (None, Some(name)) if !needs_name && !spot.by_path => {
            place::check_name(name)?;
            spot.name = Some(name.to_owned());
            Ok(())
        }
        (None, _) if personal => Err(Refusal::bad("File name not provided in url")),
        (None, _) => Err(Refusal::bad("Cannot create an upload session on a folder")),
        (Some(_), _) if personal && needs_name && !spot.by_path => {
            Err(Refusal::bad("File name not provided in url"))
        }
        (Some(name), Some(given)) if (spot.by_path || needs_name) && name != given => Err(Refusal::bad(
            "Name specified in the path doesn't match the name specified in the request body",
        )),
        _ => Ok(()),
    }
}

fn check_item(drive: &Drive, item: &Map<String, Value>) -> Result<(), Refusal> {
    if drive.kind == Kind::Business && item.contains_key("@odata.type") {
        return Err(malformed());
    }
    let takes = |name: &String| match MEMBERS.iter().find(|(member, _)| member == name) {
        Some((_, only)) => !drive.config.own_members_only || only.is_none_or(|kind| kind == drive.kind),
        None => name.starts_with('@'),
    };
    if !item.keys().all(takes) {
        return Err(malformed());
    }
    let plain = item.keys().position(|name| !name.starts_with('@')).unwrap_or(item.len());
    if drive.config.annotation_first && item.keys().skip(plain).any(|name| name.starts_with('@')) {
        return Err(malformed());
    }
    Ok(())
}

pub(crate) fn behaviour(item: &Map<String, Value>) -> Result<Behaviour, Refusal> {
    match item.get(CONFLICT).map(|v| v.as_str().unwrap_or_default()) {
        None | Some("replace") => Ok(Behaviour::Replace),
        Some("fail") => Ok(Behaviour::Fail),
        Some("rename") => Ok(Behaviour::Rename),
        Some(_) => Err(malformed()),
    }
}

/// `If-Match` and `If-None-Match`, for creation and for commits by `sourceUrl`.
pub(crate) fn check_preconditions(
    drive: &Drive,
    existing: Option<usize>,
    head: &Head,
) -> Result<(), Refusal> {
    let failed = || {
        Refusal::new(412, "resourceModified", "ETag does not match current item's value")
            .inner("entityTagDoesNotMatch")
    };
    if let Some(wanted) = head.header("If-Match") {
        let item = existing.map(|index| &drive.items[index]);
        if !item.is_some_and(|item| wanted == "*" || [&item.e_tag, &item.c_tag].contains(&&wanted.to_owned()))
        {
            return Err(failed());
        }
    }
    if let (Some(unwanted), Some(index)) = (head.header("If-None-Match").map(str::trim), existing)
        && (unwanted == "*" || unwanted == drive.items[index].e_tag)
    {
        return Err(failed());
    }
    Ok(())
}
