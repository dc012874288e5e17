//! Printers and jobs: what a printer takes, a job from its making to its end.

use crate::{
    message::{Answer, Head},
    refusal::Refusal,
    route::{JobAction, PrintPlace},
    world::World,
};
use serde_json::{Value, json};

/// A job, by when things happened to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Job {
    document: String,
    started: Option<u64>,
    canceled: bool,
}

/// Everything of printers but the sessions of documents.
pub(crate) fn handle(
    world: &mut World,
    place: &PrintPlace,
    head: &Head,
    body: &[u8],
    application: bool,
) -> Result<Answer, Refusal> {
    // Service principals cannot print; what is missing shows as an error without a name.
    if application {
        return Err(Refusal::new(403, "UnknownError", ""));
    }
    let known = (&place.printer, &world.config.known_printers);
    let ids = [&place.printer].into_iter().chain(&place.job);
    World::check_ids(ids, Some(known), Refusal::item_not_found(), Refusal::access_denied())?;
    match (head.method.as_str(), &place.action, &place.job) {
        ("GET", JobAction::Read, None) => printer(world, place),
        ("POST", JobAction::List, None) => make(world, place, body),
        ("GET", JobAction::Read, Some(_)) => {
            let job = find(world, place)?;
            Ok(Answer::json(200, &json!({"id": place.job, "status": status(world, &job)})))
        }
        ("GET", JobAction::Documents, Some(_)) => {
            let job = find(world, place)?;
            Ok(Answer::json(200, &json!({"value": [{"id": job.document}]})))
        }
        ("POST", JobAction::Start, Some(_)) => start(world, place),
        ("POST", JobAction::Cancel, Some(_)) => {
            find(world, place)?;
            if let Some(job) = world.jobs.get_mut(&place.key()) {
                job.canceled = true;
            }
            Ok(Answer::empty(204))
        }
        _ => Err(Refusal::new(405, "invalidRequest", "The method is not allowed.")),
    }
}

fn printer(world: &World, place: &PrintPlace) -> Result<Answer, Refusal> {
    if world.config.print.hides_capabilities {
        return Err(Refusal::new(403, "UnknownError", ""));
    }
    let types = world.config.print.content_types.clone().unwrap_or_default();
    let printer =
        json!({"id": place.printer, "displayName": "Printer", "capabilities": {"contentTypes": types}});
    Ok(Answer::json(200, &printer))
}

fn make(world: &mut World, place: &PrintPlace, body: &[u8]) -> Result<Answer, Refusal> {
    let malformed = || Refusal::new(400, "BadRequest", "The request is malformed or incorrect.");
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let members = body.as_object().ok_or_else(malformed)?;
    // Of a job's own members only its configuration is the caller's.
    if !members.get("configuration").is_some_and(Value::is_object)
        || !members.keys().all(|name| name == "configuration" || name.starts_with('@'))
    {
        return Err(malformed());
    }
    let (job, document) = (format!("{}", world.number()), world.guid());
    let made = PrintPlace { job: Some(job.clone()), ..place.clone() };
    let new = Job { document: document.clone(), ..Job::default() };
    let status = status(world, &new);
    world.jobs.insert(made.key(), new);
    let mut answer = json!({"id": job, "isFetchable": false, "status": status});
    if !world.config.print.jobs_without_documents {
        answer["documents"] = json!([{"id": document, "displayName": "", "contentType": "", "size": 0}]);
    }
    Ok(Answer::json(201, &answer))
}

fn start(world: &mut World, place: &PrintPlace) -> Result<Answer, Refusal> {
    let job = find(world, place)?;
    let document = format!("{}/{}", place.key(), job.document);
    if !world.documents.contains_key(&document) {
        return Err(Refusal::new(400, "BadRequest", "The job's document was not uploaded."));
    }
    if job.canceled || job.started.is_some() {
        return Err(Refusal::new(409, "Conflict", "The job was started or canceled already."));
    }
    let now = world.now;
    let started = Job { started: Some(now), ..job };
    let status = status(world, &started);
    world.jobs.insert(place.key(), started);
    Ok(Answer::json(200, &status))
}

fn find(world: &World, place: &PrintPlace) -> Result<Job, Refusal> {
    world.jobs.get(&place.key()).cloned().ok_or_else(Refusal::item_not_found)
}

/// Pending at first, then in process, and at its end after as many seconds as the configuration says.
fn status(world: &World, job: &Job) -> Value {
    let print = &world.config.print;
    let (state, description) = match job.started.map(|at| world.now.saturating_sub(at)) {
        _ if job.canceled => ("canceled", "The print job was canceled."),
        None => ("paused", "The print job waits for its document, and for its start."),
        Some(0) => ("pending", "The print job is waiting to be processed."),
        Some(passed) if passed < print.job_seconds.saturating_mul(1000) => {
            ("processing", "The print job is being printed.")
        }
        Some(_) => (print.job_end.as_str(), "The print job has ended."),
    };
    json!({"state": state, "description": description, "isAcquiredByPrinter": job.started.is_some()})
}
