//! What a test may choose about the stand-in.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

mod drive;
mod others;

pub use drive::{Addressing, ChannelConfig, DriveConfig, FolderConfig, Hashes, ItemConfig, Kind, SiteConfig};
pub use others::{OutlookConfig, PrintConfig, TodoConfig};

/// The whole configuration. Every member has a default; the README lists them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Refuse root, folders, and on personal drives files by their id, though `item.name` is given. `false` is lenient.
    pub root_needs_name: bool,
    /// Take a path as ended only by its closing colon, so that an action without one is part of it. `false` is lenient.
    pub needs_closing_colon: bool,
    /// An item id that nobody has heard of is no file. `false` makes one up, of the name in the body.
    pub known_files_only: bool,
    /// Refuse POST and PUT without `Content-Length`, but for chunked bodies where those are taken. `false` is lenient.
    pub needs_content_length: bool,
    /// The only users that exist, when given.
    pub known_users: Option<Vec<String>>,
    /// The only drives that exist, when given.
    pub known_drives: Option<Vec<String>>,
    /// The only printers and shares that exist, when given.
    pub known_printers: Option<Vec<String>>,
    /// Keep the bytes of every file, so that tests can read them.
    pub keep_bytes: bool,
    /// Count bytes instead of hashing them.
    pub sink: bool,
    /// How many of the next sessions answer 404 from the start.
    pub dead_sessions: u32,
    /// Drives that are not in `drives`.
    pub drive: DriveConfig,
    /// Drives by id.
    pub drives: BTreeMap<String, DriveConfig>,
    /// Sites, with their libraries.
    pub sites: Vec<SiteConfig>,
    /// What links lead to, by the link.
    pub shares: BTreeMap<String, FolderConfig>,
    /// Channels of teams.
    pub channels: Vec<ChannelConfig>,
    /// Resource units that all requests of a minute may use, when given.
    pub units_per_minute: Option<u64>,
    /// Outlook attachments.
    pub outlook: OutlookConfig,
    /// To Do attachments.
    pub todo: TodoConfig,
    /// Print documents.
    pub print: PrintConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            root_needs_name: true,
            needs_closing_colon: true,
            known_files_only: true,
            needs_content_length: true,
            known_users: None,
            known_drives: None,
            known_printers: None,
            keep_bytes: false,
            sink: false,
            dead_sessions: 0,
            drive: DriveConfig::default(),
            drives: BTreeMap::new(),
            sites: Vec::new(),
            shares: BTreeMap::new(),
            channels: Vec::new(),
            units_per_minute: None,
            outlook: OutlookConfig::default(),
            todo: TodoConfig::default(),
            print: PrintConfig::default(),
        }
    }
}

impl Config {
    /// This configuration with the members of `patch` merged in (JSON merge patch).
    pub fn merged(&self, patch: &Value) -> Result<Self, String> {
        let mut all = serde_json::to_value(self).map_err(|e| e.to_string())?;
        merge(&mut all, patch);
        serde_json::from_value(all).map_err(|e| e.to_string())
    }
}

fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

/// How long a drive session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionLife {
    /// Seven days from its creation.
    #[serde(rename = "fixed7d")]
    Fixed7d,
    /// Fifteen minutes from the last stored fragment.
    #[serde(rename = "sliding15m")]
    Sliding15m,
    /// 24 hours from its creation; then 401 `expiredToken`.
    #[serde(rename = "fixed24h")]
    Fixed24h,
}

/// When a fragment that is no multiple of 320 KiB is held against the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StrictMultiples {
    /// At the last fragment: 500.
    AtEnd,
    /// At the fragment: 400.
    AtOnce,
    /// Never.
    Off,
}

/// How `nextExpectedRanges` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RangeForm {
    /// `"26-"`
    Open,
    /// `"26-127"`
    Closed,
    /// `"26"`
    StartOnly,
    /// Left out.
    Absent,
}

/// How the members of a session's body are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Casing {
    /// `nextExpectedRanges`
    Camel,
    /// `NextExpectedRanges`
    Pascal,
}
