//! Attachments that are known by their ids. They are told apart by name, size and time alone, so that one which was there before
//! would be taken for one whose answer was lost.

use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::graph_error::member;
use crate::locked::locked;
use crate::net::Transport;

/// More are forgotten, all at once.
const MOST: usize = 100_000;

impl<T: Transport> Client<T> {
    pub(crate) fn know_attachment(&self, id: &str) {
        let mut known = locked(&self.attached);
        if known.len() == MOST {
            known.clear();
        }
        known.insert(id.to_owned());
    }

    /// Whether an item is an attachment that was there before, or that this client has made.
    pub(crate) fn is_known_attachment(&self, item: &Map<String, Value>) -> bool {
        member(item, "id").and_then(Value::as_str).is_some_and(|id| locked(&self.attached).contains(id))
    }
}
