//! The service: takes requests, plays faults, keeps the record.

use crate::{
    attachment, clock,
    config::Config,
    drive_commit, drive_create, drive_item,
    exchange::{Delivery, End, Exchange, Work},
    fault::{Facts, Fault, RouteKind, Rule, Script, Stored},
    message::{Answer, Family, Head, Listener, Request},
    print, put, range,
    record::{Log, Recorded},
    refusal::{Ids, Refusal},
    route::{self, DriveAction, ListAction, Route},
    session::{self, Found, Goal, SessionId, State},
    token,
    watch::Watch,
    world::{Endpoints, FileRecord, SessionRecord, World},
};
use serde_json::Value;

/// Graph and its upload hosts as a state machine. Times are Unix milliseconds, given with every call.
pub struct Service {
    initial: Config,
    start: u64,
    ahead: u64,
    /// Counts the resets, so that an exchange from before one is known.
    epoch: u64,
    numbers: u64,
    world: World,
    script: Script,
    watch: Watch,
    log: Log,
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
        let (work, facts) = self.sort(&head);
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
            exchange.verdict = Some(verdict);
        } else if matches!(exchange.work, Work::Content { .. }) {
            exchange.stock = self.world.stock();
        }
        exchange
    }

    /// What a request is for.
    fn sort(&mut self, head: &Head) -> (Work, Facts<'static>) {
        let facts =
            |route, family, range| Facts { listener: head.listener, method: "", route, family, range };
        let content = head.listener == Listener::Graph && head.path().ends_with("/content");
        let target = if content { head.target.replacen("/content", "", 1) } else { head.target.clone() };
        let target = if content && head.target.contains("/attachmentSessions/") {
            target
        } else {
            head.target.clone()
        };
        let found = self.world.sessions.find(head.listener, &target);
        if let Found::Changed(_) = found {
            self.watch.on_changed_target(self.numbers, head);
        }
        let by_method = match head.method.as_str() {
            "PUT" => RouteKind::Put,
            "GET" => RouteKind::Status,
            "DELETE" => RouteKind::Cancel,
            "POST" => RouteKind::Commit,
            _ => RouteKind::Any,
        };
        match found {
            Found::Exactly(session) => {
                let family = Some(self.world.sessions.get(session).family);
                let range = head.header("Content-Range").and_then(|text| range::parse(text).ok());
                let work = if by_method == RouteKind::Put {
                    Work::Put { session, range, content }
                } else {
                    Work::Session { session }
                };
                return (work, facts(by_method, family, range));
            }
            Found::Changed(_) => return (Work::Stray, facts(by_method, None, None)),
            Found::No if head.listener == Listener::Upload => {
                return (Work::Stray, facts(by_method, None, None));
            }
            Found::No => {}
        }
        let route = route::parse(&head.target);
        let (kind, family) = match (&route, head.method.as_str()) {
            (Route::Drive(_, DriveAction::Create), "POST") => (RouteKind::Create, Some(Family::Drive)),
            (Route::Drive(_, DriveAction::Item), "PUT") => (RouteKind::Commit, Some(Family::Drive)),
            (Route::Drive(..), _) => (RouteKind::Item, Some(Family::Drive)),
            (Route::Attachments(a, ListAction::Create), "POST") => (RouteKind::Create, Some(a.family)),
            (Route::Attachments(a, _), _) => (RouteKind::Item, Some(a.family)),
            (Route::Document(_, true), "POST") => (RouteKind::Create, Some(Family::Print)),
            (Route::Document(..), _) => (RouteKind::Item, Some(Family::Print)),
            (Route::Other, _) => (RouteKind::Item, None),
        };
        let work = match route {
            Route::Drive(place, DriveAction::Content) if head.method == "PUT" => Work::Content { place },
            route => Work::Graph { route },
        };
        (work, facts(kind, family, None))
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
            if let (Some(range), Some(Ok(_))) = (range, &exchange.verdict) {
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
        if let Work::Put { session, .. } = exchange.work {
            if self.land(session, exchange.number) {
                self.watch.on_overlap(exchange.number, &exchange.head);
            }
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
            self.watch.on_answer(&exchange.head, &answer, now);
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
        let mut answer = self.carry_out(exchange, commit).unwrap_or_else(|refusal| refusal.answer(ids));
        match fault {
            Some(Fault::Answer(scripted, _)) => answer = scripted.answer(ids),
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

    fn carry_out(&mut self, exchange: &mut Exchange, commit: bool) -> Result<Answer, Refusal> {
        let (world, head) = (&mut self.world, &exchange.head);
        let stock = std::mem::take(&mut exchange.stock);
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
                    (Route::Document(document, true), "POST") => print::create(world, document, body),
                    (Route::Document(document, _), _) => print::read(world, document, head),
                    (Route::Other, _) => Err(Refusal::new(400, "BadRequest", "API not found")),
                }
            }
        }
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
            Work::Content { place } | Work::Graph { route: Route::Drive(place, _) } => world
                .drives
                .get(&place.drive)
                .is_some_and(|drive| drive.kind == crate::config::Kind::Business),
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

fn cancel(world: &mut World, id: SessionId) -> Answer {
    let now = world.now;
    let session = world.sessions.get_mut(id);
    session.state = State::Cancelled;
    let destination = session.destination().to_lowercase();
    if let Goal::Drive(goal) = &session.goal {
        if let Some(drive) = world.drives.get_mut(&goal.drive) {
            let linger = drive.config.stub_linger_seconds * 1000;
            drive.stubs.push((destination, now + linger));
        }
    }
    Answer::empty(204)
}

/// What tests ask.
impl Service {
    /// Sets where the listeners are reached.
    pub fn set_endpoints(&mut self, endpoints: Endpoints) {
        self.world.endpoints = endpoints;
    }

    /// What was committed.
    pub fn files(&self) -> &[FileRecord] {
        &self.world.files
    }

    /// The open sessions.
    pub fn sessions(&self) -> Vec<SessionRecord> {
        let open = self.world.sessions.iter().filter(|s| s.is_open(self.world.now));
        open.map(|s| SessionRecord {
            family: s.family,
            position: s.position,
            ranges: session::ranges(&s.gaps(), crate::config::RangeForm::Closed).unwrap_or_default(),
            total: s.total,
            expires: clock::iso(s.expires),
            destination: s.destination(),
            complete: s.complete(),
        })
        .collect()
    }

    /// Every request, in order.
    pub fn requests(&self) -> &[Recorded] {
        self.log.all()
    }

    /// Forgets the requests.
    pub fn forget_requests(&mut self) {
        self.log.clear();
    }

    /// Every rule that the client broke.
    pub fn violations(&self) -> Vec<String> {
        self.watch.texts(&self.world.sessions, self.world.now)
    }

    /// The script, with its counts.
    pub fn faults(&self) -> &[Rule] {
        &self.script.rules
    }

    /// Adds a rule to the script.
    pub fn script(&mut self, rule: Rule) {
        self.script.rules.push(rule);
    }

    /// Clears the script.
    pub fn clear_faults(&mut self) {
        self.script.rules.clear();
    }

    /// Moves the clock.
    pub fn advance(&mut self, millis: u64) {
        self.ahead = self.ahead.saturating_add(millis);
        self.world.now = self.world.now.saturating_add(millis);
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.world.config
    }

    /// Replaces the configuration. Drives that nothing was stored on yet take over theirs whole.
    pub fn configure(&mut self, config: Config) {
        self.world.config = config;
        let (config, now) = (&self.world.config, self.world.now);
        for (id, drive) in &mut self.world.drives {
            let fresh = crate::drive::Drive::new(id, config, now);
            (drive.kind, drive.config) = (fresh.kind, fresh.config);
            for item in fresh.items {
                if drive.by_path(&item.parent, &item.name).is_none() {
                    drive.items.push(item);
                }
            }
        }
    }

    /// Forgets everything; the configuration goes back to that of the start.
    pub fn reset(&mut self) {
        self.epoch += 1;
        self.world = World::new(self.initial.clone(), self.world.endpoints.clone(), self.world.now);
        self.script = Script::default();
        self.watch = Watch::default();
        self.log.clear();
    }
}
