//! The service: takes requests, plays faults, keeps the record.

mod answer;

use crate::{
    budget::Budget,
    config::Config,
    dispatch,
    exchange::{Delivery, End, Exchange, Work},
    fault::{Facts, Fault, Script},
    message::{Answer, Family, Head, Request},
    put,
    record::Log,
    refusal::Ids,
    route::{DriveAction, Route},
    session::{self, SessionId},
    sessions::Found,
    watch::{Throttled, Watch},
    world::{Endpoints, World},
};
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

    /// What a client leaves alone at once where this request is throttled.
    fn throttled(&self, exchange: &Exchange) -> Throttled {
        let target = exchange.head.target.clone();
        match &exchange.work {
            Work::Put { session, .. } if self.world.sessions.get(*session).family == Family::Print => {
                Throttled::Nothing
            }
            // The folders of one folder are made side by side.
            Work::Graph { route: Route::Drive(_, DriveAction::Children) }
                if exchange.head.method == "POST" =>
            {
                Throttled::Body(target, exchange.body.clone())
            }
            _ => Throttled::Target(target),
        }
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
        self.watch.on_body(exchange.number, &exchange.head, &exchange.body, now);
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
            let throttled = self.throttled(&exchange);
            self.watch.on_answer(&exchange.head, &answer, throttled, now);
        }
        let status = (!matches!(end, End::Reset | End::Half)).then_some(answer.status);
        let text = !matches!(exchange.work, Work::Put { .. } | Work::Content { .. });
        self.log.end(exchange.number, exchange.received, status, text.then_some(exchange.body));
        Delivery { answer, end }
    }

    fn tick(&mut self, now: u64) -> u64 {
        self.world.now = self.world.now.max(now.saturating_add(self.ahead));
        self.world.now
    }
}
