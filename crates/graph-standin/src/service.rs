//! The service: takes requests, plays faults, keeps the record.

use crate::{
    budget::{self, Budget, Charge},
    clock,
    config::{Config, Kind},
    dispatch,
    exchange::{Delivery, End, Exchange, Work},
    fault::{self, Facts, Fault, Script, Stored},
    message::{Answer, Family, Head, Listener, Request},
    put,
    record::Log,
    refusal::Ids,
    route::Route,
    session::{self, Found, SessionId},
    watch::Watch,
    world::{Endpoints, World},
};
use serde_json::Value;

const PRINT_PARALLEL: usize = 4;

/// Graph and its upload hosts as a state machine. Times are Unix milliseconds, given with every call.
pub struct Service {
    pub(crate) initial: Config,
    pub(crate) start: u64,
    pub(crate) ahead: u64,
    /// Counts the resets, so that an exchange from before one is known.
    pub(crate) epoch: u64,
    numbers: u64,
    pub(crate) world: World,
    pub(crate) script: Script,
    pub(crate) watch: Watch,
    pub(crate) log: Log,
    budget: Budget,
}

impl Service {
    /// A service whose clock starts at `start` (Unix milliseconds).
    pub fn new(config: Config, endpoints: Endpoints, start: u64) -> Self {
        Self {
            world: World::new(config.clone(), endpoints, start),
            initial: config,
            start,
            ahead: 0,
            epoch: 0,
            numbers: 0,
            script: Script::default(),
            watch: Watch::default(),
            log: Log::default(),
            budget: Budget::default(),
        }
    }

    /// Takes a whole request and says what the client gets to see. Scripted faults play.
    pub fn deliver(&mut self, request: &Request, now: u64) -> Delivery {
        let mut exchange = self.begin(request.head.clone(), now);
        exchange.push(&request.body);
        self.finish(exchange, now)
    }

    /// Takes a whole request and gives the answer, as if it always arrived.
    pub fn handle(&mut self, request: &Request, now: u64) -> Answer {
        self.deliver(request, now).answer
    }

    /// Takes the head of a request. The caller hands the body to the exchange, up to its `body_limit`, and then
    /// calls `finish`; or `abandon`, when the client broke off.
    pub fn begin(&mut self, head: Head, now: u64) -> Exchange {
        let now = self.tick(now);
        self.numbers += 1;
        let number = self.numbers;
        self.log.begin(number, &head, now.saturating_sub(self.start));
        self.watch.on_head(number, &head, now);
        let (found, work, facts) = dispatch::sort(&self.world, &head);
        match found {
            Found::Changed => self.watch.on_changed_target(number, &head),
            Found::Quoted(_) => self.watch.on_encoded_quote(number, &head),
            Found::Exactly(_) | Found::No => {}
        }
        let fault = self.script.take(&Facts { listener: head.listener, method: &head.method, ..facts });
        let mut exchange = Exchange::new(number, self.epoch, head, fault, work);
        if let Work::Put { session, range, content, .. } = exchange.work {
            let verdict = put::check(&self.world, session, &exchange.head, content);
            if let Some(range) = range {
                self.watch.on_put(number, &exchange.head, self.world.sessions.get(session), range, now);
            }
            if verdict.is_ok() && exchange.stores() {
                exchange.stock = match self.world.sessions.get(session).family {
                    Family::Print => session::Stock {
                        bytes: (!self.world.config.sink).then(Vec::new),
                        ..Default::default()
                    },
                    _ => self.world.sessions.get(session).stock.clone(),
                };
            }
            let session = self.world.sessions.get_mut(session);
            session.fed = true;
            if session.family == Family::Drive {
                session.overlapped.extend(session.in_flight.iter());
            }
            session.in_flight.push(number);
            if session.family == Family::Print && session.in_flight.len() > PRINT_PARALLEL {
                self.watch.on_crowd(number, &exchange.head);
            }
            exchange.verdict = Some(verdict);
        } else if matches!(exchange.work, Work::Content { .. }) {
            exchange.stock = self.world.stock();
        }
        exchange
    }

    /// The client broke off before the body was whole.
    pub fn abandon(&mut self, exchange: Exchange, now: u64) {
        self.tick(now);
        if exchange.epoch == self.epoch {
            self.break_off(exchange);
        }
    }

    fn break_off(&mut self, exchange: Exchange) {
        self.log.end(exchange.number, exchange.received, None, None);
        if let Work::Put { session, range, .. } = exchange.work {
            self.land(session, exchange.number);
            if let (Some(range), Some(Ok(_)), true) = (range, &exchange.verdict, exchange.stores()) {
                put::keep_part(&mut self.world, session, range, exchange.received, exchange.stock);
            }
            self.world.sessions.get_mut(session).told = None;
        }
    }

    /// The PUT is no longer in flight. True when another one was begun meanwhile.
    fn land(&mut self, session: SessionId, number: u64) -> bool {
        let session = self.world.sessions.get_mut(session);
        session.in_flight.retain(|n| *n != number);
        let overlapped = session.overlapped.contains(&number);
        session.overlapped.retain(|n| *n != number);
        overlapped
    }

    /// Carries a request out when its body was taken, and says what the client gets to see.
    pub fn finish(&mut self, mut exchange: Exchange, now: u64) -> Delivery {
        let now = self.tick(now);
        if exchange.epoch != self.epoch {
            return Delivery { answer: Answer::empty(503), end: End::Reset };
        }
        let short = exchange.head.content_length().is_some_and(|length| exchange.received < length);
        let cut = matches!(exchange.fault, Some(Fault::ResetBefore | Fault::ResetBody(_)));
        if cut || short {
            self.break_off(exchange);
            return Delivery { answer: Answer::empty(503), end: End::Reset };
        }
        if let Work::Put { session, .. } = exchange.work
            && self.land(session, exchange.number)
        {
            self.watch.on_overlap(exchange.number, &exchange.head);
        }
        let ids = Ids {
            request_id: self.world.guid(),
            client_request_id: exchange.head.header("client-request-id").map(str::to_owned),
            now,
        };
        let fault = exchange.fault.take();
        let sessions_before = self.world.sessions.iter().count();
        let answer = self.outcome(&mut exchange, fault.as_ref(), &ids);
        let end = match &fault {
            Some(Fault::ResetAfterStore) => End::Reset,
            Some(Fault::CutAnswer) => End::Half,
            Some(Fault::Stall(millis)) => End::After(*millis),
            Some(Fault::Close) => End::ThenClose,
            _ => End::Whole,
        };
        self.remember(&exchange, fault.as_ref(), &answer, sessions_before);
        let answer = self.sign(&exchange, answer, &ids);
        if !matches!(end, End::Reset | End::Half) {
            let print = |session: SessionId| self.world.sessions.get(session).family == Family::Print;
            let parallel = matches!(exchange.work, Work::Put { session, .. } if print(session));
            self.watch.on_answer(&exchange.head, &answer, parallel, now);
        }
        let status = (!matches!(end, End::Reset | End::Half)).then_some(answer.status);
        let text = !matches!(exchange.work, Work::Put { .. } | Work::Content { .. });
        self.log.end(exchange.number, exchange.received, status, text.then_some(exchange.body));
        Delivery { answer, end }
    }

    fn outcome(&mut self, exchange: &mut Exchange, fault: Option<&Fault>, ids: &Ids) -> Answer {
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
    fn remember(&mut self, exchange: &Exchange, fault: Option<&Fault>, answer: &Answer, before: usize) {
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
    fn sign(&self, exchange: &Exchange, answer: Answer, ids: &Ids) -> Answer {
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

    fn tick(&mut self, now: u64) -> u64 {
        self.world.now = self.world.now.max(now.saturating_add(self.ahead));
        self.world.now
    }
}
