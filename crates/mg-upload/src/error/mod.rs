//! What can go wrong, sorted by what the reader can do about it.

mod failure;
mod fault;
pub mod graph_error;
mod hindrance;
mod kind;
mod refusal;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::family::Family;
use crate::response::Response;

pub use failure::Failure;
pub use fault::TransportFault;
pub use kind::Kind;
pub use refusal::{Refusal, Trail};

#[cfg(test)]
pub(crate) use refusal::refusal;
use refusal::{attempts, describe_refusal};

/// Everything that an operation can end with other than success.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller's input cannot be used; nothing was sent.
    #[error("{0}")]
    InvalidInput(String),

    /// The file's size is outside of what this kind of session carries.
    #[error("{why}")]
    WrongSize {
        /// The kind of session.
        family: Family,
        /// Whether there is too much of it.
        too_large: bool,
        /// Both sizes, and what does the job instead.
        why: String,
    },

    /// What is there does not take the file, as it says itself.
    #[error("{why}")]
    Unfit {
        /// In one word: `notDraft`, `messageTooLarge`, `contentType`.
        reason: &'static str,
        /// What it has, and what it would take.
        why: String,
    },

    /// No open upload has this id.
    #[error("{0}")]
    UnknownId(String),

    /// Graph asks for a token and there is none.
    #[error("there is no access token for Graph; sign in first")]
    NoToken,

    /// The file is not there, or is no file.
    #[error("the file '{}' cannot be uploaded: {why}", .path.display())]
    SourceMissing {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },

    /// The file cannot be read.
    #[error("the file '{}' cannot be read", .path.display())]
    SourceDenied {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },

    /// The file is not what it was when the upload began.
    #[error("the file '{}' changed while it was uploaded: {why}", .path.display())]
    SourceChanged {
        /// The file.
        path: PathBuf,
        /// What changed.
        why: String,
    },

    /// The service refuses.
    #[error("{}", describe_refusal(.0))]
    Refused(Box<Refusal>),

    /// The session is gone.
    #[error("{why}")]
    SessionLost {
        /// What was seen.
        why: String,
        /// The answer that said so.
        refusal: Option<Box<Refusal>>,
    },

    /// The session has put another file in place.
    #[error("this session has put the file '{}' in place, and is over", .path.display())]
    Finished {
        /// That file.
        path: PathBuf,
    },

    /// The file says that it has no bytes, and has some.
    #[error("the file '{}' cannot be uploaded: it says that it has 0 bytes, and has more", .path.display())]
    NoLength {
        /// The file.
        path: PathBuf,
    },

    /// The service's position and ours cannot be reconciled.
    #[error("{0}")]
    RangeRejected(String),

    /// An answer that Graph does not give: HTML, nothing, no item at the end.
    #[error("{} answered {} with {what}", .trail.target, .response.status)]
    UnexpectedAnswer {
        /// What came.
        what: &'static str,
        /// The answer.
        response: Box<Response>,
        /// How hard it was tried.
        trail: Trail,
    },

    /// No answer could be had.
    #[error("{} {} brought no answer after {}", .trail.method, .trail.target, attempts(.trail.attempts))]
    Unreachable {
        /// How hard it was tried.
        trail: Trail,
        /// What the last try met.
        fault: TransportFault,
        /// The transport's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The service wants to be left alone for longer than anybody is willing to wait.
    #[error("{target} asked for no requests for another {} s", .left.as_secs())]
    HostPaused {
        /// Scheme and host.
        target: String,
        /// For how long.
        left: Duration,
    },

    /// Another process feeds the session.
    #[error("another upload feeds this session, here or in another process")]
    InUse,

    /// Open sessions cannot be recorded or looked up.
    #[error("open uploads cannot be recorded: {why}")]
    Journal {
        /// Why not.
        why: String,
    },

    /// A session is to be put in place that still lacks bytes.
    #[error("the session is not complete: it has {} bytes, and the rest is still to be sent", .position)]
    Incomplete {
        /// The first byte that the service lacks.
        position: u64,
    },

    /// Every byte has arrived and nothing is in place.
    #[error("every byte has arrived, but the service has not put the file in place")]
    NotCommitted,

    /// The service has other bytes than those sent.
    #[error(
        "the service reports the hash {reported} for the uploaded file, but {sent} was sent; what it has is in place"
    )]
    IntegrityMismatch {
        /// What the service has put in place.
        item: Map<String, Value>,
        /// Ours, base64.
        sent: String,
        /// The service's.
        reported: String,
    },

    /// A file of a tree that is not sent, or not as it should be.
    #[error("'{}': {why}", .path.display())]
    NotSent {
        /// The file or folder.
        path: PathBuf,
        /// What a caller does about it.
        kind: Kind,
        /// The reason in one word, such as "reservedName" or "destinationNewer".
        reason: &'static str,
        /// The same in words.
        why: String,
    },

    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,

    /// The system has none left of what every program needs.
    #[error("the system gives no {what}: {why}")]
    OutOfResources {
        /// Such as "further thread".
        what: &'static str,
        /// The system's reason.
        why: String,
    },

    /// A fault in this program.
    #[error("{0}")]
    Unexpected(String),
}

#[cfg(test)]
mod tests;
