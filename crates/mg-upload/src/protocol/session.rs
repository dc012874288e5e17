//! An upload session as callers hand it over, and the request that makes one.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::address::check_url;
use crate::error::Error;
use crate::family::Family;
use crate::protocol::body;
use crate::protocol::range;
use crate::secret::Secret;

/// What makes a session: kept with it, so that it can be made again and its destination looked at.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRequest {
    /// The row of the route table, by its key.
    pub route: String,
    /// The ids of its path, by name.
    #[serde(deserialize_with = "body::unique")]
    pub ids: BTreeMap<String, String>,
    /// Further headers, such as `If-Match`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The JSON body, sent as it stands.
    #[serde(deserialize_with = "body::deserialize")]
    pub body: Box<RawValue>,
}

/// A session, by what the service said of it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Where the bytes go. A bearer secret.
    pub upload_url: Secret,
    /// Its back end.
    pub family: Family,
    /// `expirationDateTime` as the service wrote it.
    pub expires: Option<String>,
    /// The first byte that the service lacked when it last said so; `None` where nobody knows, or none was.
    pub position: Option<u64>,
    /// What made it, where that is known.
    pub origin: Option<CreateRequest>,
}

/// The members that are read, in any of the casings the services use.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionJson {
    #[serde(alias = "UploadUrl", alias = "uploadurl")]
    upload_url: Option<String>,
    #[serde(alias = "ExpirationDateTime")]
    expiration_date_time: Option<String>,
    #[serde(alias = "NextExpectedRanges", default)]
    next_expected_ranges: Option<Vec<Option<String>>>,
    family: Option<Family>,
    origin: Option<CreateRequest>,
    /// The answer to a create request, as text: the outcome of creating a session is a session too.
    body: Option<String>,
}

impl Session {
    /// Reads a session object, or the outcome of creating one. One without an upload URL, or with one that is neither https nor loopback, is refused.
    pub fn from_json(json: &str) -> Result<Session, Error> {
        let read: SessionJson = serde_json::from_str(json).map_err(|error| {
            // The library's own text quotes the input, which may be a URL.
            let (line, column) = (error.line(), error.column());
            Error::InvalidInput(format!(
                "this is no upload session (line {line}, column {column} of its JSON)"
            ))
        })?;
        if let (None, Some(response)) = (&read.upload_url, &read.body) {
            let session = Session::from_json(response)?;
            return Ok(Session {
                family: read.family.unwrap_or(session.family),
                origin: read.origin,
                // It has just been made, and need not say so.
                position: session.position.or(Some(0)),
                ..session
            });
        }
        let url = read
            .upload_url
            .filter(|url| !url.trim().is_empty())
            .ok_or_else(|| Error::InvalidInput("the session has no upload URL; create one first".into()))?;
        check_url(&url).map_err(|why| Error::InvalidInput(format!("the upload URL is unusable: {why}")))?;
        Ok(Session {
            family: read.family.unwrap_or_else(|| Family::of_upload_url(&url)),
            upload_url: Secret::new(url),
            expires: read.expiration_date_time,
            position: read.next_expected_ranges.as_deref().and_then(first_missing),
            origin: read.origin,
        })
    }
}

impl Session {
    /// How long the session still lives, where the service has said a time that can be read.
    pub(crate) fn life_left(&self, now: Timestamp) -> Option<Duration> {
        let end: Timestamp = self.expires.as_deref()?.parse().ok()?;
        Some(Duration::try_from(end.duration_since(now)).unwrap_or(Duration::ZERO))
    }
}

impl fmt::Debug for CreateRequest {
    /// Headers may carry a token, and bodies what is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateRequest")
            .field("route", &self.route)
            .field("ids", &self.ids)
            .finish_non_exhaustive()
    }
}

impl CreateRequest {
    /// The request without a token of the caller's own: what may be kept.
    pub fn without_token(&self) -> CreateRequest {
        let mut kept = self.clone();
        kept.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        kept
    }

    /// The same for a file on disk: of further headers only those that say on what condition, or how, an item is made. Any
    /// other may be a secret.
    pub(crate) fn for_the_record(&self) -> CreateRequest {
        let mut kept = self.clone();
        kept.headers.retain(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.starts_with("if-") || name.starts_with("accept") || name == "prefer" || name == "user-agent"
        });
        kept
    }

    /// Whether the caller asked the service to wait for a commit after the last byte.
    pub fn defers_commit(&self) -> bool {
        #[derive(Deserialize)]
        struct Body {
            #[serde(rename = "deferCommit", default)]
            defer_commit: bool,
        }
        serde_json::from_str::<Body>(self.body.get()).is_ok_and(|body| body.defer_commit)
    }
}

/// Where to begin by the list that a session object carries. It may be old or odd: the service has the last word.
fn first_missing(ranges: &[Option<String>]) -> Option<u64> {
    let list = range::parse_list(ranges.iter().flatten().map(String::as_str)).ok()?;
    list.iter().map(|missing| missing.first).min()
}

#[cfg(test)]
mod tests;
