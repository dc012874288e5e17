//! The answer to a request: what the service says, what a fault makes of it, and what the client knows by it.

use serde_json::Value;

use super::Service;
use crate::budget::{self, Charge};
use crate::clock;
use crate::config::Kind;
use crate::dispatch;
use crate::exchange::{Exchange, Work};
use crate::fault::{self, Fault, Stored};
use crate::message::{Answer, Listener};
use crate::put;
use crate::refusal::Ids;
use crate::route::Route;

impl Service {
    pub(super) fn outcome(&mut self, exchange: &mut Exchange, fault: Option<&Fault>, ids: &Ids) -> Answer {
        match fault {
            Some(Fault::Answer(scripted, Stored::No)) => return scripted.answer(ids),
            Some(Fault::Redirect(status, to)) => return self.redirect(exchange, *status, to.as_deref()),
            _ => {}
        }
        let commit = !matches!(fault, Some(Fault::Answer(_, Stored::Uncommitted)));
        let mut answer = match self.budget.charge(&exchange.head, self.world.config.units_per_minute, ids.now)
        {
            Charge::Exceeded(refusal, headers) => budget::with(refusal.answer(ids), headers),
            Charge::Within(headers) => {
                let answer = dispatch::carry_out(&mut self.world, exchange, commit);
                budget::with(answer.unwrap_or_else(|refusal| refusal.answer(ids)), headers)
            }
        };
        match fault {
            Some(Fault::Answer(scripted, _)) => answer = scripted.answer(ids),
            Some(Fault::Headers(headers)) => fault::add_headers(&mut answer, headers, ids.now),
            Some(Fault::Lag(fragments)) => {
                if let (Work::Session { session }, 200) = (&exchange.work, answer.status) {
                    answer = Answer { status: 200, ..put::progress(&self.world, *session, *fragments) };
                }
            }
            Some(Fault::Ranges(ranges)) => {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                for name in ["nextExpectedRanges", "NextExpectedRanges"] {
                    if let Some(told) = body.get_mut(name) {
                        *told = ranges.clone().into();
                        answer.body = body.to_string().into_bytes();
                    }
                }
            }
            _ => {}
        }
        answer
    }

    fn redirect(&mut self, exchange: &Exchange, status: u16, to: Option<&str>) -> Answer {
        let endpoints = &self.world.endpoints;
        let host =
            if exchange.head.listener == Listener::Graph { &endpoints.graph } else { &endpoints.upload };
        let location = to.map_or_else(|| format!("{host}{}", exchange.head.target), str::to_owned);
        if let Work::Put { session, .. } | Work::Session { session } = exchange.work {
            for (listener, host) in
                [(Listener::Upload, &endpoints.upload), (Listener::Graph, &endpoints.graph)]
            {
                if let Some(target) = location.strip_prefix(host.as_str()) {
                    self.world.sessions.alias(listener, target.to_owned(), session);
                    break;
                }
            }
        }
        Answer::empty(status).with("Location", location)
    }

    /// What the client now knows, as far as faults let it.
    pub(super) fn remember(
        &mut self,
        exchange: &Exchange,
        fault: Option<&Fault>,
        answer: &Answer,
        before: usize,
    ) {
        let hidden = match fault {
            Some(Fault::ResetAfterStore | Fault::CutAnswer | Fault::Stall(_)) => true,
            Some(Fault::Answer(_, stored)) => *stored != Stored::No,
            _ => false,
        };
        if hidden && self.world.sessions.iter().count() > before {
            self.world.sessions.get_mut(before).lost = true;
        }
        let (Work::Put { session, .. } | Work::Session { session }) = exchange.work else { return };
        let session = self.world.sessions.get_mut(session);
        let disowned =
            matches!(fault, Some(Fault::Answer(scripted, _)) if [401, 404, 410].contains(&scripted.status));
        session.lost |= disowned;
        if hidden {
            session.told = None;
        } else if answer.status < 300 {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let told = body.get("nextExpectedRanges").or_else(|| body.get("NextExpectedRanges"));
            let first = told.and_then(|t| t.get(0)).and_then(Value::as_str);
            session.told = first.and_then(|text| text.split('-').next()?.parse().ok());
        }
    }

    /// Adds what every answer carries.
    pub(super) fn sign(&self, exchange: &Exchange, answer: Answer, ids: &Ids) -> Answer {
        let world = &self.world;
        let business = match &exchange.work {
            Work::Put { session, .. } | Work::Session { session } => {
                put::business(world, world.sessions.get(*session))
            }
            Work::Content { place } | Work::Graph { route: Route::Drive(place, _) } => {
                world.drives.get(&place.drive).is_some_and(|drive| drive.kind == Kind::Business)
            }
            _ => false,
        };
        let mut answer = answer.with("request-id", ids.request_id.as_str());
        if business {
            answer = answer.with("SPRequestGuid", ids.request_id.as_str());
        }
        if let Some(id) = &ids.client_request_id {
            answer = answer.with("client-request-id", id.as_str());
        }
        if answer.header("Date").is_none() {
            answer = answer.with("Date", clock::http_date(ids.now));
        }
        answer
    }
}
