//! What a test may choose about the stand-in.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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

/// The two kinds of drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Microsoft account's OneDrive.
    Personal,
    /// OneDrive for work or school, and SharePoint.
    Business,
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

/// How a drive item shows its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hashes {
    /// quickXorHash in base64.
    Present,
    /// `hashes` is empty.
    Absent,
    /// Absent until the item was read twice.
    Late,
    /// quickXorHash in hexadecimal digits.
    Hex,
}

/// How an item is addressed by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// `items/{id}:/{path}:`
    Colons,
    /// `items/{id}/children('{name}')` alone, as in China.
    Children,
}

/// A drive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct DriveConfig {
    /// Its name; "Documents" when left out.
    pub name: Option<String>,
    /// Its address in a browser; made up when left out.
    pub web_url: Option<String>,
    /// Items on a page of a list, at most.
    pub page_size: Option<usize>,
    /// Items of a folder above which it cannot be listed (504).
    pub largest_listing: Option<usize>,
    /// Make the folders of a path that are not there. `false`: 404.
    pub implicit_folders: bool,
    /// Personal or business; when left out, told from the drive's id.
    pub kind: Option<Kind>,
    /// Bytes that the drive can hold.
    pub quota: Option<u64>,
    /// Items that are there from the start.
    pub items: Vec<ItemConfig>,
    /// Change Office files after they were stored.
    pub office_rewriting: bool,
    /// How long sessions live; the kind's default when left out.
    pub session_life: Option<SessionLife>,
    /// The 320 KiB rule.
    pub strict_multiples: StrictMultiples,
    /// Keep what arrived of a broken PUT.
    pub keep_partial: bool,
    /// Form of the ranges.
    pub range_form: RangeForm,
    /// Casing of the session's members.
    pub casing: Casing,
    /// How the hash is shown.
    pub hashes: Hashes,
    /// Refuse an `item` whose annotations do not come first. `false` is lenient.
    pub annotation_first: bool,
    /// Refuse the members of an `item` that only the other kind of drive takes. `false` is lenient.
    pub own_members_only: bool,
    /// How an item is addressed by its path.
    pub addressing: Addressing,
    /// One open session a name; the kind's default when left out.
    pub open_session_conflict: Option<bool>,
    /// How long a cancelled session blocks its name.
    pub stub_linger_seconds: u64,
}

impl Default for DriveConfig {
    fn default() -> Self {
        Self {
            name: None,
            web_url: None,
            page_size: None,
            largest_listing: None,
            implicit_folders: true,
            kind: None,
            quota: None,
            items: Vec::new(),
            office_rewriting: false,
            session_life: None,
            strict_multiples: StrictMultiples::AtEnd,
            keep_partial: false,
            range_form: RangeForm::Open,
            casing: Casing::Camel,
            hashes: Hashes::Present,
            annotation_first: true,
            own_members_only: true,
            addressing: Addressing::Colons,
            open_session_conflict: None,
            stub_linger_seconds: 0,
        }
    }
}

/// A site.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteConfig {
    /// Its id: host and two GUIDs.
    pub id: String,
    /// Its address.
    pub web_url: String,
    /// Its libraries, by their drives' ids; the first is its own.
    pub drives: Vec<String>,
}

impl SiteConfig {
    pub(crate) fn is_at(&self, host: &str, path: &str) -> bool {
        let own = self.web_url.split_once("://").map_or("", |(_, own)| own).trim_end_matches('/');
        format!("{host}/{}", path.trim_matches('/'))
            .trim_end_matches('/')
            .eq_ignore_ascii_case(&crate::route::decode(own))
    }
}

/// A folder of a drive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderConfig {
    /// The drive's id.
    pub drive: String,
    /// Its path; empty for the root.
    #[serde(default)]
    pub path: String,
}

/// A channel of a team.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChannelConfig {
    /// The team's id.
    pub team: String,
    /// The channel's.
    pub channel: String,
    /// Where its files are.
    pub folder: FolderConfig,
}

/// An item that exists from the start.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemConfig {
    /// Path from the root, with a leading slash.
    pub path: String,
    /// Its id.
    pub id: Option<String>,
    /// Its size.
    pub size: u64,
    /// Whether it is a folder.
    pub folder: bool,
    /// Its eTag, quotes included.
    pub e_tag: Option<String>,
    /// Its cTag, quotes included.
    pub c_tag: Option<String>,
}

/// Outlook attachments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct OutlookConfig {
    /// Smallest attachment that a session takes.
    pub min_size: u64,
    /// Largest.
    pub max_size: u64,
    /// Largest sum of a message's attachments.
    pub message_limit: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// Casing of the session's members after the creation.
    pub casing: Casing,
    /// Form of the ranges after the creation.
    pub range_form: RangeForm,
    /// Life of a session.
    pub life_seconds: u64,
    /// How many attachments a page of their list has.
    pub page_size: usize,
    /// Body of every message, in HTML.
    pub body: String,
}

impl Default for OutlookConfig {
    fn default() -> Self {
        Self {
            min_size: 3_000_000,
            max_size: 150 * 1024 * 1024,
            message_limit: 150 * 1024 * 1024,
            max_put: 60 * 1024 * 1024,
            casing: Casing::Pascal,
            range_form: RangeForm::StartOnly,
            life_seconds: 86_400,
            page_size: 10,
            body: String::new(),
        }
    }
}

/// To Do attachments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TodoConfig {
    /// Largest attachment.
    pub max_size: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// 200 as the API page says, or 201 as the concept page says.
    pub create_status: u16,
    /// Casing of the session's members after the creation.
    pub casing: Casing,
    /// Form of the ranges after the creation.
    pub range_form: RangeForm,
    /// Life of a session.
    pub life_seconds: u64,
}

impl Default for TodoConfig {
    fn default() -> Self {
        Self {
            max_size: 25 * 1024 * 1024,
            max_put: 4 * 1024 * 1024,
            create_status: 200,
            casing: Casing::Pascal,
            range_form: RangeForm::StartOnly,
            life_seconds: 86_400,
        }
    }
}

/// Print documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PrintConfig {
    /// Largest document.
    pub max_size: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// The content types that the printer takes; all when left out.
    pub content_types: Option<Vec<String>>,
    /// Life of a session.
    pub life_seconds: u64,
    /// Write the last range's end one too high, as Microsoft's example does.
    pub end_off_by_one: bool,
    /// Refuse to tell what a printer takes, as to everybody who may only print.
    pub hides_capabilities: bool,
    /// Leave the documents out of a new job.
    pub jobs_without_documents: bool,
    /// How long a job takes.
    pub job_seconds: u64,
    /// The state that it ends in.
    pub job_end: String,
}

impl Default for PrintConfig {
    fn default() -> Self {
        Self {
            max_size: 1024 * 1024 * 1024,
            max_put: 10_000_000,
            content_types: None,
            life_seconds: 3600,
            end_off_by_one: false,
            hides_capabilities: false,
            jobs_without_documents: false,
            job_seconds: 2,
            job_end: "completed".into(),
        }
    }
}
