//! Attachments that are known by their ids. They are told apart by name, size and time alone, so that one which was there before
//! would be taken for one whose answer was lost.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::graph_error::member;
use crate::locked::locked;
use crate::net::Transport;

/// More are forgotten, all at once.
const MOST: usize = 100_000;

/// Their ids, and since when they are known.
pub(crate) type Known = Mutex<HashMap<String, Timestamp>>;

impl<T: Transport> Client<T> {
    pub(crate) fn know_attachment(&self, id: &str) {
        let mut known = locked(&self.attached);
        if known.len() == MOST {
            known.clear();
        }
        known.entry(id.to_owned()).or_insert_with(|| self.clock.now());
    }

    /// Whether an item was known before something began, on the service's clock: what is known since then may have come of it.
    pub(crate) fn knew_attachment(&self, item: &Map<String, Value>, began: Timestamp) -> bool {
        let id = member(item, "id").and_then(Value::as_str);
        let since = id.and_then(|id| locked(&self.attached).get(id).copied());
        since.is_some_and(|since| self.clock.of_service(since) <= began)
    }
}
