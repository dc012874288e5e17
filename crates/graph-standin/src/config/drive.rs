//! What a test may choose about drives, and what leads to them.

use serde::{Deserialize, Serialize};

use super::{Casing, RangeForm, SessionLife, StrictMultiples};

/// The two kinds of drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Microsoft account's OneDrive.
    Personal,
    /// OneDrive for work or school, and SharePoint.
    Business,
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
