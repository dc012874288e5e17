//! What is kept of a session.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::same_host;
use crate::family::Family;
use crate::protocol::session::{CreateRequest, Session};
use crate::secret::Secret;

use crate::source::Samples;

use super::{VERSION, id_of};

/// One session and the file that goes into it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The record's version.
    pub version: u32,
    /// The record's id.
    pub id: String,
    /// Where the bytes go. A bearer secret.
    pub upload_url: String,
    /// Its back end.
    pub family: Family,
    /// The Graph endpoint that it belongs to; `None` where it was fed without a connection to any.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What made it, where that is known.
    pub origin: Option<CreateRequest>,
    /// `expirationDateTime` as the service last wrote it.
    pub expires: Option<String>,
    /// When the upload began, in UTC.
    pub created: String,
    /// The file, by absolute path.
    pub path: PathBuf,
    /// What the file was like.
    pub samples: Samples,
    /// Whether the file was a copy of bytes that came from elsewhere, and is gone with the process.
    #[serde(default)]
    pub is_copy: bool,
    /// Fragment size in bytes.
    pub chunk: u64,
    /// The service's position when it was last noted.
    pub position: u64,
    /// Whether a PUT with the last byte has been begun: only then may the file have arrived.
    #[serde(default)]
    pub end_begun: bool,
    /// Until when the service wants no request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

impl Record {
    /// Of a session that nothing has been sent to yet, for a file that has not been looked at.
    pub fn of(session: &Session, endpoint: Option<String>, path: &Path, created: Timestamp) -> Record {
        Record {
            version: VERSION,
            id: id_of(session.upload_url.expose()),
            upload_url: session.upload_url.expose().to_owned(),
            family: session.family,
            endpoint,
            origin: session.origin.as_ref().map(CreateRequest::for_the_record),
            expires: session.expires.clone(),
            created: created.to_string(),
            path: path.to_owned(),
            samples: Samples::unknown(),
            is_copy: false,
            chunk: session.family.profile().default_chunk,
            position: session.position.unwrap_or(0),
            end_begun: false,
            not_before: None,
        }
    }
}

impl Record {
    /// Whether a connection to `endpoint` has to do with it: another cloud's token and ids are nothing to it.
    pub fn belongs_to(&self, endpoint: &str) -> bool {
        self.endpoint.as_deref().is_none_or(|own| same_host(own, endpoint))
    }

    /// Whether it is good for nothing: nothing was ever sent, and the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let expires = self.expires.as_deref().and_then(|expires| expires.parse::<Timestamp>().ok());
        self.samples.is_unknown() && expires.is_some_and(|expires| expires < now)
    }
}

impl From<Record> for Session {
    /// The position of a record is old: an upload asks the service first.
    fn from(record: Record) -> Session {
        Session {
            upload_url: Secret::new(record.upload_url),
            family: record.family,
            expires: record.expires,
            position: None,
            origin: record.origin,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("id", &self.id).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is needed of a record to know whether the rest can be read.
#[derive(Deserialize)]
pub(super) struct VersionOnly {
    pub version: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_the_session_but_its_position_and_no_secret_header() {
        let json = r#"{"uploadUrl":"https://h/x","family":"todo","expirationDateTime":"2030-01-01T00:00:00Z",
            "nextExpectedRanges":["9-"],"origin":{"route":"r","ids":{"A":"b"},"body":{},
            "headers":[["Authorization","Bearer hidden"],["X-Key","hidden"],["If-Match","e"]]}}"#;
        let session = Session::from_json(json).unwrap();
        let endpoint = Some("https://graph.test".to_owned());
        let record = Record::of(&session, endpoint, Path::new("/a"), Timestamp::UNIX_EPOCH);
        assert!(!serde_json::to_string(&record).unwrap().contains("hidden"));
        assert!(!format!("{record:?}").contains("https://h/x"));
        assert_eq!((record.id.as_str(), record.position), (id_of("https://h/x").as_str(), 9));
        assert_eq!((record.chunk, record.end_begun), (12 * 320 * 1024, false));
        for (endpoint, belongs) in [("https://graph.test/v1", true), ("https://graph.test:444", false)] {
            assert_eq!(record.belongs_to(endpoint), belongs, "{endpoint}");
        }
        for (now, over) in [("2030-01-01T00:00:00Z", false), ("2030-01-01T00:00:01Z", true)] {
            assert_eq!(record.is_over(now.parse().unwrap()), over, "{now}");
        }
        let again = Session::from(record);
        assert_eq!((again.upload_url.expose(), again.family), ("https://h/x", Family::Todo));
        assert_eq!((again.expires.as_deref(), again.position), (Some("2030-01-01T00:00:00Z"), None));
        let origin = again.origin.unwrap();
        assert_eq!((origin.route.as_str(), origin.headers.len()), ("r", 1));
    }
}
