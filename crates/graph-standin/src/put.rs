//! PUT of a fragment: the checks in the order of Appendix A, then the store.

use crate::{
    attachment, clock,
    config::{Casing, Kind, RangeForm, StrictMultiples},
    drive_commit,
    message::{Answer, Family, Head},
    print,
    range::{self, ContentRange, RangeFault},
    refusal::Refusal,
    session::{self, Goal, Session, SessionId, State, Stock},
    token,
    world::World,
};

/// Every drive fragment but the last is a multiple of this.
pub(crate) const UNIT: u64 = 320 * 1024;
const DRIVE_PUT_LIMIT: u64 = 60 * 1024 * 1024;
const DRIVE_FILE_MAX: u64 = 250 * 1024 * 1024 * 1024;

/// Refuses what can be refused before the body was read. `content` says whether `/content` ended the target.
pub(crate) fn check(
    world: &World,
    id: SessionId,
    head: &Head,
    content: bool,
) -> Result<ContentRange, Refusal> {
    let session = world.sessions.get(id);
    alive(session, world.now)?;
    if session.family == Family::Todo && !content {
        return Err(Refusal::session_not_found());
    }
    authorization(session, head)?;
    if session.family == Family::Outlook {
        let media = head.header("Content-Type").unwrap_or_default();
        if !media.trim().to_lowercase().starts_with("application/octet-stream") {
            return Err(Refusal::new(
                415,
                "ErrorInvalidRequest",
                "The content type must be application/octet-stream.",
            ));
        }
    }
    let chunked = head.header("Transfer-Encoding").is_some();
    let length = head.content_length().filter(|_| !chunked);
    let length = length.ok_or_else(Refusal::length_required)?;
    let range = head.header("Content-Range").ok_or(RangeFault::Malformed).and_then(range::parse);
    let range = range.map_err(|fault| match fault {
        RangeFault::Malformed => Refusal::bad("The Content-Range header is missing or malformed."),
        RangeFault::NoTotal => Refusal::bad("Content-Range must include a total length"),
    })?;
    if session.total.is_some_and(|total| total != range.total) {
        return Err(Refusal::bad("The total length differs from that of the session.")
            .inner("fragmentLengthMismatch"));
    }
    if range.first > range.last || range.last >= range.total {
        return Err(Refusal::bad("The Content-Range header is missing or malformed."));
    }
    if range.length() != length {
        return Err(Refusal::bad(
            "The Content-Range header length does not match the provided number of bytes",
        ));
    }
    let too_much =
        |code| Refusal::new(413, code, "The request message is too big").inner("maxFragmentLengthExceeded");
    match session.family {
        Family::Drive if length >= DRIVE_PUT_LIMIT => return Err(too_much("invalidRequest")),
        Family::Drive if range.total > DRIVE_FILE_MAX => {
            return Err(Refusal::bad("Max file size exceeded").inner("maxFileSizeExceeded"));
        }
        Family::Outlook if length > world.config.outlook.max_put => {
            return Err(too_much("ErrorRequestEntityTooLarge"));
        }
        Family::Todo if length > world.config.todo.max_put => return Err(too_much("invalidRequest")),
        Family::Print if length > world.config.print.max_put => return Err(too_much("413")),
        _ => {}
    }
    order(session, range, business(world, session))?;
    if let Goal::Drive(goal) = &session.goal {
        let odd = !length.is_multiple_of(UNIT) && !range.is_last();
        if odd && world.drives[&goal.drive].config.strict_multiples == StrictMultiples::AtOnce {
            return Err(Refusal::bad("The fragment's length is no multiple of 320 KiB."));
        }
    }
    Ok(range)
}

pub(crate) fn business(world: &World, session: &Session) -> bool {
    matches!(&session.goal, Goal::Drive(goal) if world.drives[&goal.drive].kind == Kind::Business)
}

/// 404, or 401 when the session's own token ran out.
pub(crate) fn alive(session: &Session, now: u64) -> Result<(), Refusal> {
    if session.state == State::Open && !session.dead && now >= session.expires && session.expired_is_401 {
        return Err(
            Refusal::new(401, "unauthenticated", "The caller is not authenticated.").inner("expiredToken")
        );
    }
    if session.is_open(now) {
        return Ok(());
    }
    Err(match session.family {
        Family::Outlook => {
            Refusal::new(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        }
        _ => Refusal::session_not_found(),
    })
}

/// A token is refused, but for To Do, which wants one.
pub(crate) fn authorization(session: &Session, head: &Head) -> Result<(), Refusal> {
    if session.family == Family::Todo {
        return token::check(head).map(|_| ());
    }
    if head.header("Authorization").is_none() {
        return Ok(());
    }
    Err(match session.family {
        Family::Outlook => Refusal::new(
            401,
            "InvalidAudienceForResource",
            "The audience claim value is invalid for current resource.",
        ),
        _ => Refusal::new(401, "unauthenticated", "The caller is not authenticated."),
    })
}

fn order(session: &Session, range: ContentRange, business: bool) -> Result<(), Refusal> {
    let refuse = |text: &'static str, inner: &'static str| {
        let text = if business { "The uploaded fragment is not contiguous with the last one" } else { text };
        Err(Refusal::new(416, "invalidRange", text).inner(inner))
    };
    if session.family == Family::Print {
        if session.overlaps(range) {
            return refuse("Uploaded fragment overlaps with existing data.", "fragmentOverlap");
        }
    } else if range.first < session.position {
        return refuse("Uploaded fragment overlaps with existing data.", "fragmentOverlap");
    } else if range.first > session.position {
        return refuse("Uploaded fragment is out of order.", "fragmentOutOfOrder");
    }
    Ok(())
}

/// Stores a fragment that `check` let pass. `taken` holds everything up to the fragment's end for sessions in
/// order, and the fragment alone for print. With `commit` false a complete session stays as it is.
pub(crate) fn store(
    world: &mut World,
    id: SessionId,
    range: ContentRange,
    taken: Stock,
    commit: bool,
) -> Result<Answer, Refusal> {
    let now = world.now;
    let business = business(world, world.sessions.get(id));
    let session = world.sessions.get_mut(id);
    // Both may have changed while the body was on its way.
    alive(session, now)?;
    order(session, range, business)?;
    session.total = Some(range.total);
    if session.slide > 0 {
        session.expires = now.saturating_add(session.slide);
    }
    if session.family == Family::Print {
        session.store_anywhere(range, taken.bytes.unwrap_or_default());
        if session.stock.digest.is_none() {
            session.stock.length = session.position;
        }
    } else {
        session.odd |= !range.length().is_multiple_of(UNIT) && !range.is_last();
        session.starts.push(session.position);
        session.stock = taken;
        session.position = range.last + 1;
    }
    if !session.complete() || !commit {
        return Ok(progress(world, id, 0));
    }
    match world.sessions.get(id).goal.clone() {
        Goal::Drive(goal) => {
            let strict = world.drives[&goal.drive].config.strict_multiples != StrictMultiples::Off;
            if strict && world.sessions.get(id).odd {
                return Err(Refusal::new(500, "generalException", "An unspecified error has occurred."));
            }
            if goal.defer {
                return Ok(progress(world, id, 0));
            }
            drive_commit::commit(world, id, &goal)
        }
        Goal::Attachment { .. } => attachment::finish(world, id),
        Goal::Document { .. } => print::finish(world, id),
    }
}

/// Keeps what arrived of a broken PUT, where the drive is said to do so.
pub(crate) fn keep_part(world: &mut World, id: SessionId, range: ContentRange, received: u64, taken: Stock) {
    let session = world.sessions.get_mut(id);
    let Goal::Drive(goal) = &session.goal else { return };
    if received > 0 && session.position == range.first && world.drives[&goal.drive].config.keep_partial {
        session.total = Some(range.total);
        session.starts.push(session.position);
        session.stock = taken;
        session.position += received;
    }
}

/// The answer that tells what is missing, `lag` fragments behind the truth.
pub(crate) fn progress(world: &World, id: SessionId, lag: usize) -> Answer {
    let session = world.sessions.get(id);
    let behind = session.starts.len().checked_sub(lag).and_then(|at| session.starts.get(at));
    let gaps = match behind {
        Some(position) if lag > 0 => vec![(*position, session.total)],
        _ => session.gaps(),
    };
    let (casing, form) = match &session.goal {
        Goal::Drive(goal) => {
            let config = &world.drives[&goal.drive].config;
            (config.casing, config.range_form)
        }
        Goal::Attachment { .. } if session.family == Family::Outlook => {
            (world.config.outlook.casing, world.config.outlook.range_form)
        }
        Goal::Attachment { .. } => (world.config.todo.casing, world.config.todo.range_form),
        Goal::Document { .. } => (Casing::Camel, RangeForm::Closed),
    };
    let mut told = session::ranges(&gaps, form);
    if world.config.print.end_off_by_one
        && session.family == Family::Print
        && let (Some(told), Some((start, Some(end)))) =
            (told.as_mut().and_then(|t| t.last_mut()), gaps.last())
    {
        *told = format!("{start}-{end}");
    }
    let status = if matches!(session.family, Family::Drive | Family::Print) { 202 } else { 200 };
    let context = match session.family {
        Family::Outlook => {
            "https://outlook.office.com/api/v2.0/$metadata#Users('u')/Messages('m')/AttachmentSessions/$entity"
        }
        _ => "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession",
    };
    let body = session::body(Some(context.to_owned()), casing, clock::iso(session.expires), told, None);
    Answer::json(status, &body)
}
