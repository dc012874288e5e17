//! What tests ask of the service, and what they set.

use crate::{
    clock,
    config::{Config, RangeForm},
    drive::Drive,
    fault::{Rule, Script},
    record::Recorded,
    service::Service,
    session,
    watch::Watch,
    world::{Endpoints, FileRecord, SessionRecord, World},
};

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
            ranges: session::ranges(&s.gaps(), RangeForm::Closed).unwrap_or_default(),
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
            let fresh = Drive::new(id, config, now);
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
