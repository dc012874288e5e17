//! The targets of a drive.

use super::{CREATE, DriveAction, Place, Route, decode, query};

pub(super) fn parse(raw: &[&str], target: &str, strict: bool) -> Option<Route> {
    let (owner, drive, rest) = match raw {
        ["drives", drive, rest @ ..] => (None, decode(drive), rest),
        ["users" | "groups" | "sites", owner, "drives", drive, rest @ ..] => {
            (Some(decode(owner)), decode(drive), rest)
        }
        ["users" | "groups" | "sites", owner, "drive", rest @ ..] => {
            (Some(decode(owner)), format!("drive-of-{}", decode(owner)), rest)
        }
        _ => return None,
    };
    let rest = rest.join("/");
    let (locator, action) = split_action(&rest, strict);
    let (item, path, by_path) = locate(locator, target)?;
    let colons = by_path && !locator.contains("/children('");
    Some(Route::Drive(Place { owner, drive, item, path, by_path, colons }, action))
}

/// In the colon form an action follows a colon; else `a/children` could not be a file's path.
fn split_action(rest: &str, strict: bool) -> (&str, DriveAction) {
    let actions = [
        (CREATE[0], DriveAction::Create),
        (CREATE[1], DriveAction::Create),
        ("content", DriveAction::Content),
        ("children", DriveAction::Children),
    ];
    for (name, action) in actions {
        if let Some(locator) = rest.strip_suffix(name).and_then(|r| r.strip_suffix('/'))
            && (!strict && action == DriveAction::Create || !is_open_path(locator))
        {
            return (locator, action);
        }
    }
    (rest, DriveAction::Item)
}

/// A path with colons that no colon ends, whether it stands as it is or is percent-encoded in whole.
fn is_open_path(locator: &str) -> bool {
    let decoded = decode(locator);
    (locator.contains(":/") && !locator.ends_with(':'))
        || (!locator.contains(':') && decoded.contains(":/") && !decoded.ends_with(':'))
}

/// The item, the path below it, and whether it was named by that path.
fn locate(locator: &str, target: &str) -> Option<(Option<String>, Vec<String>, bool)> {
    let inner = locator.strip_prefix("items/").unwrap_or(locator);
    if inner == locator
        && !(locator == "root" || locator.starts_with("root:") || locator.starts_with("root/"))
    {
        return None;
    }
    let base = |head: &str| (!["root", ""].contains(&head)).then(|| head.to_owned());
    if let Some((head, "@a1')")) = inner.split_once("/children('") {
        let quoted = query(target, "@a1")?;
        let path = quoted.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
        return Some((base(&decode(head)), path.split('/').map(str::to_owned).collect(), true));
    }
    if let Some((head, tail)) = inner.split_once(":/") {
        // A bare parenthesis reads as a function's call.
        if tail.contains(['(', ')']) {
            return None;
        }
        let tail = tail.strip_suffix(':').unwrap_or(tail);
        return Some((base(&decode(head)), tail.split('/').map(decode).collect(), true));
    }
    if let Some((head, leaf)) = inner.split_once("/children('") {
        let leaf = decode(leaf).strip_suffix("')")?.replace("''", "'");
        return Some((base(&decode(head)), vec![leaf], true));
    }
    // An id that is percent-encoded in whole, as the SDK's cmdlets send the path form.
    let whole = decode(inner);
    if let Some((head, tail)) = whole.split_once(":/") {
        let tail = tail.strip_suffix(':').unwrap_or(tail);
        return Some((base(head), tail.split('/').map(str::to_owned).collect(), true));
    }
    if inner.is_empty() || inner.contains('/') {
        return None;
    }
    Some((base(&whole), Vec::new(), false))
}
