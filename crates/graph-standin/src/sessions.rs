//! All upload sessions, and the targets that lead to them.

use std::collections::{HashMap, HashSet};

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
    by_destination: HashMap<String, Vec<SessionId>>,
    marks: HashMap<Listener, HashSet<String>>,
}

/// Bytes of a mark, which is a GUID.
const MARK: usize = 36;

impl Sessions {
    pub(crate) fn add(&mut self, session: Session) -> SessionId {
        let id = self.all.len();
        self.by_target.insert((session.listener, session.target.clone()), id);
        self.by_destination.entry(session.destination().to_lowercase()).or_default().push(id);
        self.marks.entry(session.listener).or_default().insert(session.mark.clone());
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
        if self.marks.get(&listener).is_some_and(|marks| has_any(&crate::route::decode(target), marks)) {
            Found::Changed
        } else {
            Found::No
        }
    }

    /// Those that put their file there, in whatever case.
    pub(crate) fn at(&self, destination: &str) -> impl Iterator<Item = &Session> {
        let ids = self.by_destination.get(&destination.to_lowercase());
        ids.into_iter().flatten().map(|id| &self.all[*id])
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

/// Whether a text has any of these marks in it. Each request is asked that, and there may be 100,000 of them.
fn has_any(text: &str, marks: &HashSet<String>) -> bool {
    let mut parts = (0..text.len()).filter_map(|at| text.get(at..at + MARK));
    parts.any(|part| part.as_bytes()[8] == b'-' && marks.contains(part))
}
