//! Upload sessions: what was stored, what is missing, and what the client was told.

use crate::{
    config::Casing,
    config::RangeForm,
    hash::Digest,
    message::{Family, Listener},
    range::ContentRange,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Number of a session, in order of creation.
pub(crate) type SessionId = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Finished,
    Cancelled,
}

/// What to do with the file that already has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Fail,
    Replace,
    Rename,
}

/// Where the bytes go in the end.
#[derive(Debug, Clone)]
pub(crate) enum Goal {
    Drive(DriveGoal),
    /// An attachment: its collection's key, the Graph path, its name and content type.
    Attachment {
        key: String,
        path: String,
        name: String,
        content_type: Option<String>,
        location: String,
    },
    Document {
        key: String,
        path: String,
        name: String,
        content_type: String,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct DriveGoal {
    pub(crate) drive: String,
    pub(crate) item: Option<String>,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) behaviour: Behaviour,
    pub(crate) defer: bool,
    pub(crate) times: Option<Value>,
}

/// Bytes that were taken, as far as they are kept.
#[derive(Clone, Default)]
pub(crate) struct Stock {
    pub(crate) length: u64,
    /// None when bytes are only counted.
    pub(crate) digest: Option<Digest>,
    /// None unless bytes are kept.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Stock {
    pub(crate) fn new(sink: bool, keep: bool) -> Self {
        Self { length: 0, digest: (!sink).then(Digest::default), bytes: (keep && !sink).then(Vec::new) }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        if let Some(kept) = &mut self.bytes {
            kept.extend_from_slice(bytes);
        }
    }
}

pub(crate) struct Session {
    pub(crate) family: Family,
    pub(crate) listener: Listener,
    /// The request target of the upload URL, byte for byte.
    pub(crate) target: String,
    /// A piece of the target that no other session has, by which a changed target is known.
    pub(crate) mark: String,
    pub(crate) goal: Goal,
    pub(crate) total: Option<u64>,
    pub(crate) position: u64,
    /// The positions before each stored fragment.
    pub(crate) starts: Vec<u64>,
    pub(crate) stock: Stock,
    /// Print ranges that came ahead of the position: start to length and bytes.
    pub(crate) islands: BTreeMap<u64, (u64, Vec<u8>)>,
    pub(crate) expires: u64,
    /// How far a stored fragment moves the expiry; zero when it is fixed.
    pub(crate) slide: u64,
    pub(crate) expired_is_401: bool,
    pub(crate) state: State,
    /// Answers 404 though it was created.
    pub(crate) dead: bool,
    /// A fragment before the last one was no multiple of 320 KiB.
    pub(crate) odd: bool,
    /// The position that the client was told last, when it is known to have been told.
    pub(crate) told: Option<u64>,
    pub(crate) in_flight: Vec<u64>,
    pub(crate) overlapped: Vec<u64>,
    pub(crate) fed: bool,
    /// A scripted fault made the client believe that the session is gone, or hid its creation.
    pub(crate) lost: bool,
}

impl Session {
    pub(crate) fn is_open(&self, now: u64) -> bool {
        self.state == State::Open && !self.dead && now < self.expires
    }

    pub(crate) fn complete(&self) -> bool {
        self.total == Some(self.position)
    }

    /// What is missing; the end is exclusive and None while the total is unknown.
    pub(crate) fn gaps(&self) -> Vec<(u64, Option<u64>)> {
        let mut gaps = Vec::new();
        let mut at = self.position;
        for (start, (length, _)) in &self.islands {
            if *start > at {
                gaps.push((at, Some(*start)));
            }
            at = at.max(start + length);
        }
        if self.total.is_none_or(|total| at < total) {
            gaps.push((at, self.total));
        }
        gaps
    }

    /// Whether a byte of the range is stored already.
    pub(crate) fn overlaps(&self, range: ContentRange) -> bool {
        range.first < self.position
            || self
                .islands
                .iter()
                .any(|(start, (length, _))| range.first < start + length && *start <= range.last)
    }

    /// Stores an out-of-order range and takes over what has become contiguous.
    pub(crate) fn store_anywhere(&mut self, range: ContentRange, bytes: Vec<u8>) {
        self.islands.insert(range.first, (range.length(), bytes));
        while let Some((length, bytes)) = self.islands.remove(&self.position) {
            self.starts.push(self.position);
            self.stock.push(&bytes);
            self.position += length;
        }
    }

    /// What the client knows of the destination, for grouping.
    pub(crate) fn destination(&self) -> String {
        match &self.goal {
            Goal::Drive(goal) => format!("{}:{}/{}", goal.drive, goal.parent, goal.name),
            Goal::Attachment { path, name, .. } => format!("{path}/{name}"),
            Goal::Document { path, .. } => path.clone(),
        }
    }
}

/// Writes gaps as the service does.
pub(crate) fn ranges(gaps: &[(u64, Option<u64>)], form: RangeForm) -> Option<Vec<String>> {
    let write = |(start, end): &(u64, Option<u64>)| match (form, end) {
        (RangeForm::StartOnly, _) => start.to_string(),
        (RangeForm::Closed, Some(end)) => format!("{start}-{}", end - 1),
        _ => format!("{start}-"),
    };
    (form != RangeForm::Absent).then(|| gaps.iter().map(write).collect())
}

/// The body that tells a session's state.
pub(crate) fn body(
    context: Option<String>,
    casing: Casing,
    expires: String,
    ranges: Option<Vec<String>>,
    url: Option<String>,
) -> Value {
    let names = match casing {
        Casing::Camel => ["expirationDateTime", "nextExpectedRanges", "uploadUrl"],
        Casing::Pascal => ["ExpirationDateTime", "NextExpectedRanges", "UploadUrl"],
    };
    let mut body = serde_json::Map::new();
    if let Some(context) = context {
        body.insert("@odata.context".into(), context.into());
    }
    body.insert(names[0].into(), expires.into());
    if let Some(ranges) = ranges {
        body.insert(names[1].into(), ranges.into());
    }
    if let Some(url) = url {
        body.insert(names[2].into(), url.into());
    }
    body.into()
}
