//! All upload sessions, and the targets that lead to them.

use std::collections::HashMap;

use crate::message::Listener;
use crate::session::{Session, SessionId};

/// How a target was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Exactly(SessionId),
    /// Exactly, but for quotes that were encoded on the way: the service takes it.
    Quoted(SessionId),
    /// The bytes of the target were changed on the way.
    Changed,
    No,
}

/// All sessions that ever were.
#[derive(Default)]
pub(crate) struct Sessions {
    all: Vec<Session>,
    by_target: HashMap<(Listener, String), SessionId>,
}

impl Sessions {
    pub(crate) fn add(&mut self, session: Session) -> SessionId {
        let id = self.all.len();
        self.by_target.insert((session.listener, session.target.clone()), id);
        self.all.push(session);
        id
    }

    /// From now on this target leads to the session too.
    pub(crate) fn alias(&mut self, listener: Listener, target: String, id: SessionId) {
        self.by_target.insert((listener, target), id);
    }

    pub(crate) fn find(&self, listener: Listener, target: &str) -> Found {
        if let Some(id) = self.by_target.get(&(listener, target.to_owned())) {
            return Found::Exactly(*id);
        }
        let unquoted = target.replace("%27", "'");
        if let Some(id) = self.by_target.get(&(listener, unquoted)) {
            return Found::Quoted(*id);
        }
        let decoded = crate::route::decode(target);
        let changed = |s: &Session| s.listener == listener && decoded.contains(&s.mark);
        if self.all.iter().any(changed) { Found::Changed } else { Found::No }
    }

    pub(crate) fn get(&self, id: SessionId) -> &Session {
        &self.all[id]
    }

    pub(crate) fn get_mut(&mut self, id: SessionId) -> &mut Session {
        &mut self.all[id]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.all.iter()
    }
}
