//! What a request target on the Graph listener asks for.

mod drive;

use crate::lookup::{self, Lookup};
use crate::message::Family;
use percent_encoding::percent_decode_str;

/// A parsed target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Drive(Place, DriveAction),
    Attachments(Attachments, ListAction),
    /// A message, event, post or task itself.
    Holder(Attachments),
    Document(Document, bool),
    Print(PrintPlace),
    Lookup(Lookup),
    /// Refused by the web server before the service sees it.
    Unusable,
    /// Well-formed, but nothing that the stand-in serves.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DriveAction {
    Create,
    Content,
    Children,
    Item,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListAction {
    Create,
    List,
    One(String),
}

/// A place in a drive: the item that the path starts from, and the path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) owner: Option<String>,
    pub(crate) drive: String,
    /// None is the root.
    pub(crate) item: Option<String>,
    pub(crate) path: Vec<String>,
    /// Whether the place was named by its path.
    pub(crate) by_path: bool,
    /// Whether that was done with colons.
    pub(crate) colons: bool,
}

/// A collection of attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachments {
    pub(crate) family: Family,
    /// The same for every path to the same message, event, post or task.
    pub(crate) key: String,
    /// The path as it was asked for, decoded.
    pub(crate) path: String,
    /// The path before `/attachments` as it was on the wire, version included.
    pub(crate) parent_raw: String,
    pub(crate) ids: Vec<String>,
}

/// A print document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) ids: Vec<String>,
}

/// A printer, its jobs, or one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrintPlace {
    pub(crate) kind: &'static str,
    pub(crate) printer: String,
    pub(crate) job: Option<String>,
    pub(crate) action: JobAction,
}

impl PrintPlace {
    /// The beginning of its documents' keys.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.kind, self.printer, self.job.as_deref().unwrap_or_default())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobAction {
    Read,
    List,
    Documents,
    Start,
    Cancel,
}

/// Every collection of attachments; `*` stands for an id.
const ATTACHMENTS: &[(&str, Family)] = &[
    ("users/*/messages/*", Family::Outlook),
    ("users/*/mailFolders/*/messages/*", Family::Outlook),
    ("users/*/mailFolders/*/childFolders/*/messages/*", Family::Outlook),
    ("users/*/events/*", Family::Outlook),
    ("users/*/calendar/events/*", Family::Outlook),
    ("users/*/calendars/*/events/*", Family::Outlook),
    ("users/*/events/*/instances/*", Family::Outlook),
    ("groups/*/events/*", Family::Outlook),
    ("groups/*/threads/*/posts/*", Family::Outlook),
    ("groups/*/threads/*/posts/*/inReplyTo", Family::Outlook),
    ("groups/*/conversations/*/threads/*/posts/*", Family::Outlook),
    ("groups/*/conversations/*/threads/*/posts/*/inReplyTo", Family::Outlook),
    ("users/*/outlook/tasks/*", Family::Outlook),
    ("users/*/outlook/taskFolders/*/tasks/*", Family::Outlook),
    ("users/*/outlook/taskGroups/*/taskFolders/*/tasks/*", Family::Outlook),
    ("users/*/todo/lists/*/tasks/*", Family::Todo),
];

const CREATE: [&str; 2] = ["createUploadSession", "microsoft.graph.createUploadSession"];

/// Parses a target such as `/v1.0/users/u/drives/d/root/createUploadSession`. `strict`: only a colon ends a path.
pub(crate) fn parse(target: &str, strict: bool) -> Route {
    let path = target.split('?').next().unwrap_or_default();
    if decode(path).chars().any(char::is_control) {
        return Route::Unusable;
    }
    let raw: Vec<&str> = path.split('/').skip(1).collect();
    let Some((version, rest)) = raw.split_first().filter(|(v, _)| ["v1.0", "beta"].contains(v)) else {
        return Route::Other;
    };
    let with_user: Vec<&str> = match rest.split_first() {
        Some((&"me", rest)) => ["users", "me"].iter().chain(rest).copied().collect(),
        _ => rest.to_vec(),
    };
    drive::parse(&with_user, target, strict)
        .or_else(|| attachments(version, rest, &with_user))
        .or_else(|| document(&with_user))
        .or_else(|| print_place(&with_user))
        .or_else(|| lookup::parse(&with_user).map(Route::Lookup))
        .unwrap_or(Route::Other)
}

/// The values of a query's members, decoded.
pub(crate) fn query(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(n, _)| decode(n) == name)
        .map(|(_, v)| decode(v))
}

pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn attachments(version: &str, wire: &[&str], raw: &[&str]) -> Option<Route> {
    let at = raw.iter().rposition(|segment| *segment == "attachments");
    let (parent, tail) = at.map_or((raw, &[][..]), |at| (&raw[..at], &raw[at + 1..]));
    let (pattern, family) = ATTACHMENTS.iter().find(|(pattern, _)| matches(pattern, parent))?;
    let action = match tail {
        [] => ListAction::List,
        [name] if CREATE.contains(name) => ListAction::Create,
        [id] => ListAction::One(decode(id)),
        _ => return None,
    };
    let ids: Vec<String> =
        pattern.split('/').zip(parent).filter(|(p, _)| *p == "*").map(|(_, id)| decode(id)).collect();
    let nouns: Vec<&str> = pattern.split('/').filter(|p| *p != "*").collect();
    // However the folders lead there, it is the same message of the same owner.
    let leaf = nouns.iter().rev().take(if nouns.ends_with(&["inReplyTo"]) { 2 } else { 1 });
    let leaf: Vec<&str> = leaf.copied().collect();
    let key = format!("{}/{}/{}/{}", nouns[0], ids[0], leaf.join("-"), ids[ids.len() - 1]);
    let path = parent.iter().map(|s| decode(s)).collect::<Vec<_>>().join("/") + "/attachments";
    let kept = wire.len() - tail.len() - usize::from(at.is_some());
    let parent_raw = format!("/{version}/{}", wire[..kept].join("/"));
    let place = Attachments { family: *family, key, path, parent_raw, ids };
    Some(if at.is_some() { Route::Attachments(place, action) } else { Route::Holder(place) })
}

fn matches(pattern: &str, segments: &[&str]) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    pattern.len() == segments.len()
        && pattern.iter().zip(segments).all(|(p, s)| if *p == "*" { !s.is_empty() } else { p == s })
}

fn document(raw: &[&str]) -> Option<Route> {
    let [
        "print",
        kind @ ("printers" | "shares" | "printerShares"),
        printer,
        "jobs",
        job,
        "documents",
        id,
        tail @ ..,
    ] = raw
    else {
        return None;
    };
    let create = match tail {
        [] => false,
        [name] if CREATE.contains(name) => true,
        _ => return None,
    };
    let kind = if *kind == "printers" { "printers" } else { "shares" };
    let ids: Vec<String> = [printer, job, id].iter().map(|s| decode(s)).collect();
    let key = format!("{kind}/{}/{}/{}", ids[0], ids[1], ids[2]);
    let path = format!("print/{kind}/{}/jobs/{}/documents/{}", ids[0], ids[1], ids[2]);
    Some(Route::Document(Document { key, path, ids }, create))
}

fn print_place(raw: &[&str]) -> Option<Route> {
    let ["print", kind @ ("printers" | "shares" | "printerShares"), printer, tail @ ..] = raw else {
        return None;
    };
    let (job, action) = match tail {
        [] => (None, JobAction::Read),
        ["jobs"] => (None, JobAction::List),
        ["jobs", job] => (Some(job), JobAction::Read),
        ["jobs", job, "documents"] => (Some(job), JobAction::Documents),
        ["jobs", job, "start"] => (Some(job), JobAction::Start),
        ["jobs", job, "cancel"] => (Some(job), JobAction::Cancel),
        _ => return None,
    };
    let kind = if *kind == "printers" { "printers" } else { "shares" };
    Some(Route::Print(PrintPlace { kind, printer: decode(printer), job: job.map(|job| decode(job)), action }))
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
