//! What is told of a file once it is settled.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::item::Item;
use super::tally::Status;
use crate::error::Error;
use crate::error::graph_error::member;
use crate::protocol::item::Integrity;
use crate::report;
use crate::shown::visible;

/// A file that is settled.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Where it is here.
    pub path: String,
    /// Its path in the drive.
    pub destination: String,
    /// Its name there.
    pub name: String,
    /// The item's id.
    pub item_id: Option<String>,
    /// The item's address in a browser.
    pub web_url: Option<String>,
    /// Bytes.
    pub length: u64,
    /// What has become of it.
    pub status: Status,
    /// Why, in a word, where that is not plain.
    pub reason: Option<&'static str>,
    /// What comparing hashes says, of a file that was sent.
    pub integrity: Option<Integrity>,
    /// Why it failed.
    pub error: Option<Value>,
    /// What the caller should know all the same.
    pub warnings: Vec<String>,
    /// How long it took.
    pub elapsed_ms: u64,
}

impl Row {
    /// Of a file that nothing is known of yet.
    pub fn of(path: &Path, destination: String, name: &str, length: u64, status: Status) -> Row {
        Row {
            path: path.to_string_lossy().into_owned(),
            destination,
            name: name.to_owned(),
            item_id: None,
            web_url: None,
            length,
            status,
            reason: None,
            integrity: None,
            error: None,
            warnings: Vec::new(),
            elapsed_ms: 0,
        }
    }

    /// With a reason.
    pub fn because(self, reason: &'static str) -> Row {
        Row { reason: Some(reason), ..self }
    }

    /// Of a file that failed.
    pub fn failed(self, error: &Error) -> Row {
        let row = match error {
            Error::NotSent { reason, .. } => self.because(reason),
            Error::Refused(refusal) => Row { reason: refusal.hindrance(), ..self },
            _ => self,
        };
        row.failed_as(report::failure(error))
    }

    /// The same by what is told of the failure.
    pub fn failed_as(self, error: Value) -> Row {
        Row { status: Status::Failed, error: Some(error), ..self }
    }

    /// With what is there.
    pub fn at(self, item: &Item) -> Row {
        Row {
            item_id: Some(visible(&item.id)),
            web_url: item.web_url.as_deref().map(visible),
            name: visible(&item.name),
            ..self
        }
    }

    /// With what the service has made of it.
    pub fn made(self, item: &Map<String, Value>) -> Row {
        let text = |name| member(item, name).and_then(Value::as_str).map(visible);
        let name = text("name").unwrap_or_else(|| self.name.clone());
        Row { item_id: text("id"), web_url: text("webUrl"), name, ..self }
    }

    /// With the time that it took.
    pub fn took(self, time: Duration) -> Row {
        Row { elapsed_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX), ..self }
    }
}
