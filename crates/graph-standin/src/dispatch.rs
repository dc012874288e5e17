//! What a request is for, and who carries it out.

use crate::{
    attachment, drive_commit, drive_create, drive_item,
    exchange::{Exchange, Work},
    fault::{Facts, RouteKind},
    holder, lookup,
    message::{Answer, Family, Head, Listener},
    print, print_job, put, range,
    refusal::Refusal,
    route::{self, DriveAction, ListAction, Route},
    session::{Goal, SessionId, State},
    sessions::Found,
    token,
    world::World,
};

/// What a request is for.
pub(crate) fn sort(world: &World, head: &Head) -> (Found, Work, Facts<'static>) {
    let facts = |route, family, range| Facts { listener: head.listener, method: "", route, family, range };
    let content = head.listener == Listener::Graph && head.path().ends_with("/content");
    let target = if content { head.target.replacen("/content", "", 1) } else { head.target.clone() };
    let target =
        if content && head.target.contains("/attachmentSessions/") { target } else { head.target.clone() };
    let found = world.sessions.find(head.listener, &target);
    let by_method = match head.method.as_str() {
        "PUT" => RouteKind::Put,
        "GET" => RouteKind::Status,
        "DELETE" => RouteKind::Cancel,
        "POST" => RouteKind::Commit,
        _ => RouteKind::Any,
    };
    match found {
        Found::Exactly(session) | Found::Quoted(session) => {
            let family = Some(world.sessions.get(session).family);
            let range = head.header("Content-Range").and_then(|text| range::parse(text).ok());
            let work = if by_method == RouteKind::Put {
                Work::Put { session, range, content }
            } else {
                Work::Session { session }
            };
            return (found, work, facts(by_method, family, range));
        }
        Found::Changed => return (found, Work::Stray, facts(by_method, None, None)),
        Found::No if head.listener == Listener::Upload => {
            return (found, Work::Stray, facts(by_method, None, None));
        }
        Found::No => {}
    }
    let route = route::parse(&head.target, world.config.needs_closing_colon);
    let (kind, family) = match (&route, head.method.as_str()) {
        (Route::Drive(_, DriveAction::Create), "POST") => (RouteKind::Create, Some(Family::Drive)),
        (Route::Drive(_, DriveAction::Item), "PUT") => (RouteKind::Commit, Some(Family::Drive)),
        (Route::Drive(..), _) => (RouteKind::Item, Some(Family::Drive)),
        (Route::Attachments(a, ListAction::Create), "POST") => (RouteKind::Create, Some(a.family)),
        (Route::Attachments(a, _), _) => (RouteKind::Item, Some(a.family)),
        (Route::Document(_, true), "POST") => (RouteKind::Create, Some(Family::Print)),
        (Route::Holder(a), _) => (RouteKind::Item, Some(a.family)),
        (Route::Document(..) | Route::Print(_), _) => (RouteKind::Item, Some(Family::Print)),
        (Route::Lookup(_), _) => (RouteKind::Item, Some(Family::Drive)),
        (Route::Other | Route::Unusable, _) => (RouteKind::Item, None),
    };
    let work = match route {
        Route::Drive(place, DriveAction::Content) if head.method == "PUT" => Work::Content { place },
        route => Work::Graph { route },
    };
    (found, work, facts(kind, family, None))
}

/// Carries a request out. Without `commit` a complete session stays as it is.
pub(crate) fn carry_out(world: &mut World, exchange: &mut Exchange, commit: bool) -> Result<Answer, Refusal> {
    let head = &exchange.head;
    let stock = std::mem::take(&mut exchange.stock);
    if head.method != "GET" {
        world.pages.clear();
    }
    let needs_length = matches!(head.method.as_str(), "POST" | "PUT") && world.config.needs_content_length;
    // What is told of a fragment's length stands among the rules of fragments.
    if needs_length && head.is_lengthless() && !matches!(exchange.work, Work::Put { .. }) {
        return Err(Refusal::length_required());
    }
    match &exchange.work {
        Work::Put { session, .. } => {
            let range = exchange.verdict.take().unwrap_or_else(|| Err(Refusal::session_not_found()))?;
            put::store(world, *session, range, stock, commit)
        }
        Work::Session { session } => {
            put::alive(world.sessions.get(*session), world.now)?;
            put::authorization(world.sessions.get(*session), head)?;
            match head.method.as_str() {
                "GET" => Ok(Answer { status: 200, ..put::progress(world, *session, 0) }),
                "POST" => drive_commit::by_post(world, *session),
                "DELETE" => Ok(cancel(world, *session)),
                _ => Err(Refusal::new(405, "invalidRequest", "The method is not allowed.")),
            }
        }
        Work::Stray => Err(Refusal::session_not_found()),
        Work::Content { place } => {
            token::check(head)?;
            drive_commit::simple_put(world, place, head, stock)
        }
        Work::Graph { route } => {
            if *route == Route::Unusable {
                return Ok(Answer::unusable());
            }
            let token = token::check(head)?;
            let (method, body) = (head.method.as_str(), &exchange.body);
            match (route, method) {
                (Route::Drive(place, DriveAction::Create), "POST") => {
                    drive_create::create(world, place, head, body)
                }
                (Route::Drive(place, DriveAction::Item), "PUT") => {
                    drive_commit::by_source_url(world, place, head, body)
                }
                (Route::Drive(_, DriveAction::Create), _) | (Route::Document(_, true), "GET") => {
                    Err(Refusal::new(405, "invalidRequest", "The method is not allowed."))
                }
                (Route::Drive(place, action), _) => drive_item::handle(world, place, *action, head, body),
                (Route::Attachments(place, action), _) => {
                    attachment::handle(world, place, action, head, body, token == "app")
                }
                (Route::Holder(place), _) => holder::read(world, place, head),
                (Route::Print(place), _) => print_job::handle(world, place, head, body, token == "app"),
                (Route::Document(document, true), "POST") => {
                    print::create(world, document, body, token == "app")
                }
                (Route::Lookup(lookup), _) => lookup::handle(world, lookup, head),
                (Route::Document(document, _), _) => print::read(world, document, head),
                (Route::Other | Route::Unusable, _) => Err(Refusal::new(400, "BadRequest", "API not found")),
            }
        }
    }
}

fn cancel(world: &mut World, id: SessionId) -> Answer {
    let now = world.now;
    let session = world.sessions.get_mut(id);
    session.state = State::Cancelled;
    let destination = session.destination().to_lowercase();
    if let Goal::Drive(goal) = &session.goal
        && let Some(drive) = world.drives.get_mut(&goal.drive)
    {
        let linger = drive.config.stub_linger_seconds.saturating_mul(1000);
        drive.stubs.push((destination, now.saturating_add(linger)));
    }
    Answer::empty(204)
}
