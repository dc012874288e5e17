//! Everything that the service remembers of files and sessions.

use crate::{
    config::Config,
    drive::Drive,
    message::{Answer, Family, Listener},
    print_job::Job,
    refusal::Refusal,
    session::{Goal, Session, SessionId, State, Stock},
    sessions::Sessions,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where the two listeners are reached, without a slash at the end.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Graph.
    pub graph: String,
    /// The host of the upload URLs.
    pub upload: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self { graph: "https://graph.test".into(), upload: "https://upload.test".into() }
    }
}

/// A file that was committed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRecord {
    /// Id of the item, attachment or document.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// Number of bytes.
    pub size: u64,
    /// SHA-256 of the bytes as they came, in lower-case hexadecimal digits.
    pub sha256: Option<String>,
    /// quickXorHash of the bytes as they came, in base64.
    pub quick_xor_hash: Option<String>,
    /// The back end.
    pub family: Family,
    /// The bytes, when they are kept.
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
}

/// An open session, as tests see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// The back end.
    pub family: Family,
    /// First byte that is missing.
    pub position: u64,
    /// What is missing.
    pub ranges: Vec<String>,
    /// Length of the file, when it is known yet.
    pub total: Option<u64>,
    /// When the session ends.
    pub expires: String,
    /// Where the file would go.
    pub destination: String,
    /// Whether all bytes are there and only the commit is missing.
    pub complete: bool,
}

/// An attachment of a message, event, post or task.
pub(crate) struct Attachment {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) content_type: Option<String>,
    pub(crate) modified: u64,
}

pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) endpoints: Endpoints,
    pub(crate) now: u64,
    counter: u64,
    pub(crate) sessions: Sessions,
    pub(crate) drives: BTreeMap<String, Drive>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) documents: BTreeMap<String, Value>,
    pub(crate) jobs: BTreeMap<String, Job>,
    pub(crate) files: Vec<FileRecord>,
    /// Their ids.
    filed: HashSet<(Family, String)>,
    /// Of a sink, for benchmarks: pages that were answered since anything has changed, by what was asked.
    pub(crate) pages: HashMap<String, Answer>,
}

impl World {
    pub(crate) fn new(config: Config, endpoints: Endpoints, now: u64) -> Self {
        Self {
            config,
            endpoints,
            now,
            counter: 0,
            sessions: Sessions::default(),
            drives: BTreeMap::new(),
            attachments: Vec::new(),
            documents: BTreeMap::new(),
            jobs: BTreeMap::new(),
            files: Vec::new(),
            filed: HashSet::new(),
            pages: HashMap::new(),
        }
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A GUID that no earlier one equals, the same in every run.
    pub(crate) fn guid(&mut self) -> String {
        let n = self.number();
        let mix = |mut x: u64| {
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        };
        let (a, b) = (mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)), mix(n));
        let low = b & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        uuid::Uuid::from_u64_pair(a & 0xffff_ffff_ffff_0fff | 0x4000, low).to_string()
    }

    pub(crate) fn stock(&self) -> Stock {
        Stock::new(self.config.sink, self.config.keep_bytes)
    }

    /// A session that has nothing yet; the caller sets what its family has of its own.
    pub(crate) fn session(
        &mut self,
        family: Family,
        target: String,
        mark: String,
        goal: Goal,
        life: u64,
    ) -> Session {
        let dead = self.config.dead_sessions > 0;
        self.config.dead_sessions = self.config.dead_sessions.saturating_sub(1);
        Session {
            family,
            listener: if family == Family::Todo { Listener::Graph } else { Listener::Upload },
            target,
            mark,
            goal,
            total: None,
            position: 0,
            starts: Vec::new(),
            stock: self.stock(),
            islands: BTreeMap::new(),
            expires: self.now.saturating_add(life),
            slide: 0,
            expired_is_401: false,
            state: State::Open,
            dead,
            odd: false,
            told: Some(0),
            in_flight: Vec::new(),
            overlapped: Vec::new(),
            fed: false,
            lost: dead,
        }
    }

    /// Refuses the ids with a meaning, and those that the configuration does not list.
    pub(crate) fn check_ids<'a>(
        ids: impl IntoIterator<Item = &'a String>,
        known: Option<(&String, &Option<Vec<String>>)>,
        missing: Refusal,
        denied: Refusal,
    ) -> Result<(), Refusal> {
        for id in ids {
            match id.as_str() {
                "missing" => return Err(missing),
                "denied" => return Err(denied),
                _ => {}
            }
        }
        match known {
            Some((id, Some(known))) if !known.contains(id) => Err(missing),
            _ => Ok(()),
        }
    }

    /// Ends a session and files what it stored.
    pub(crate) fn file(&mut self, session: SessionId, id: &str, name: &str, path: String) {
        let session = self.sessions.get_mut(session);
        session.state = State::Finished;
        let (family, stock) = (session.family, std::mem::take(&mut session.stock));
        self.record_file(family, stock, id, name, path);
    }

    /// Files bytes under an id; an earlier file of that id is gone.
    pub(crate) fn record_file(&mut self, family: Family, stock: Stock, id: &str, name: &str, path: String) {
        if !self.filed.insert((family, id.to_owned())) {
            self.files.retain(|file| file.id != id || file.family != family);
        }
        self.files.push(FileRecord {
            id: id.to_owned(),
            name: name.to_owned(),
            path,
            size: stock.length,
            sha256: stock.digest.as_ref().map(|d| d.sha256()),
            quick_xor_hash: stock.digest.as_ref().map(|d| d.quick_xor()),
            family,
            bytes: stock.bytes,
        });
    }
}
