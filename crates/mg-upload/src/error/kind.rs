//! The short names of failures.

use serde::Serialize;

use super::{Error, Refusal, TransportFault};

/// The short name of a failure: callers branch on it, not on texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Kind {
    /// The caller's input cannot be used, or the service calls the request malformed.
    InvalidInput,
    /// The file is not there.
    SourceMissing,
    /// The file cannot be read.
    SourceDenied,
    /// The file changed while it was uploaded.
    SourceChanged,
    /// The service reports another hash than the one of the bytes sent.
    IntegrityMismatch,
    /// The folder in which open uploads are recorded cannot be used.
    StateUnusable,
    /// No token, or one that the service does not accept.
    Unauthenticated,
    /// The token does not permit this.
    Forbidden,
    /// No such drive, folder, item, message or job.
    NotFound,
    /// The name is taken, or the item has changed or is locked.
    Conflict,
    /// The service asks to slow down, and the wait budget is used up.
    Throttled,
    /// The service failed.
    ServerFault,
    /// The session is gone: finished, cancelled or expired.
    SessionExpired,
    /// The service's position and ours cannot be reconciled.
    RangeRejected,
    /// No space is left at the destination.
    QuotaExceeded,
    /// An answer that is no answer of Graph's.
    UnexpectedAnswer,
    /// No connection, or a broken one.
    Network,
    /// No answer in time.
    Timeout,
    /// The caller cancelled.
    Cancelled,
    /// The system has no thread, file or memory left to give.
    OutOfResources,
    /// A fault in this program.
    Unexpected,
}

impl Error {
    /// Whether an upload on record that has failed so cannot be gone on with, so that another begins.
    pub(crate) fn is_over(&self) -> bool {
        use Kind::{InvalidInput, NotFound, RangeRejected, SessionExpired, SourceChanged};
        matches!(self.kind(), SourceChanged | SessionExpired | NotFound | RangeRejected | InvalidInput)
    }

    /// The failure's short name.
    pub fn kind(&self) -> Kind {
        match self {
            Error::InvalidInput(_) | Error::WrongSize { .. } | Error::Unfit { .. } | Error::UnknownId(_) => {
                Kind::InvalidInput
            }
            Error::NoToken => Kind::Unauthenticated,
            Error::SourceMissing { .. } => Kind::SourceMissing,
            Error::SourceDenied { .. } => Kind::SourceDenied,
            Error::SourceChanged { .. } => Kind::SourceChanged,
            Error::Refused(refusal) => refusal.kind(),
            Error::SessionLost { .. } | Error::Finished { .. } => Kind::SessionExpired,
            Error::NoLength { .. } => Kind::SourceDenied,
            Error::RangeRejected(_) | Error::Incomplete { .. } => Kind::RangeRejected,
            Error::UnexpectedAnswer { .. } => Kind::UnexpectedAnswer,
            Error::Unreachable { fault: TransportFault::Timeout, .. } => Kind::Timeout,
            Error::Unreachable { fault: TransportFault::Unsendable, .. } => Kind::InvalidInput,
            Error::Unreachable { .. } => Kind::Network,
            Error::InUse | Error::NotCommitted => Kind::Conflict,
            Error::Journal { .. } => Kind::StateUnusable,
            Error::HostPaused { .. } => Kind::Throttled,
            Error::IntegrityMismatch { .. } => Kind::IntegrityMismatch,
            Error::NotSent { kind, .. } => *kind,
            Error::Cancelled => Kind::Cancelled,
            Error::OutOfResources { .. } => Kind::OutOfResources,
            Error::Unexpected(_) => Kind::Unexpected,
        }
    }
}

impl Refusal {
    /// The failure's short name: by code where the status is not enough.
    pub fn kind(&self) -> Kind {
        if self.graph.has_code("quotaLimitReached") {
            return Kind::QuotaExceeded;
        }
        match self.response.status {
            401 => Kind::Unauthenticated,
            403 => Kind::Forbidden,
            404 | 410 => Kind::NotFound,
            409 | 412 | 423 => Kind::Conflict,
            416 => Kind::RangeRejected,
            429 => Kind::Throttled,
            507 => Kind::QuotaExceeded,
            408 | 504 => Kind::Timeout,
            400..=499 => Kind::InvalidInput,
            500..=599 => Kind::ServerFault,
            _ => Kind::UnexpectedAnswer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use serde_json::Map;

    use super::*;
    use crate::error::refusal;

    #[test]
    fn each_status_has_its_kind() {
        for (status, kind) in [
            (400, Kind::InvalidInput),
            (401, Kind::Unauthenticated),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (409, Kind::Conflict),
            (412, Kind::Conflict),
            (413, Kind::InvalidInput),
            (416, Kind::RangeRejected),
            (423, Kind::Conflict),
            (429, Kind::Throttled),
            (500, Kind::ServerFault),
            (504, Kind::Timeout),
            (507, Kind::QuotaExceeded),
            (302, Kind::UnexpectedAnswer),
            (405, Kind::InvalidInput),
            (408, Kind::Timeout),
            (410, Kind::NotFound),
            (499, Kind::InvalidInput),
            (502, Kind::ServerFault),
            (503, Kind::ServerFault),
            (599, Kind::ServerFault),
            (600, Kind::UnexpectedAnswer),
        ] {
            assert_eq!(refusal(status, "").kind(), kind, "{status}");
        }
        assert_eq!(refusal(403, r#"{"error":{"code":"quotaLimitReached"}}"#).kind(), Kind::QuotaExceeded);
    }

    #[test]
    fn each_failure_has_its_kind() {
        let unreachable =
            |fault| Error::Unreachable { trail: refusal(0, "").trail, fault, source: "why".into() };
        let path = PathBuf::from("/a");
        for (error, kind) in [
            (Error::InvalidInput("x".into()), Kind::InvalidInput),
            (Error::UnknownId("x".into()), Kind::InvalidInput),
            (Error::NoToken, Kind::Unauthenticated),
            (Error::SourceMissing { path: path.clone(), why: "w".into() }, Kind::SourceMissing),
            (
                Error::SourceDenied { path: path.clone(), source: std::io::Error::other("w") },
                Kind::SourceDenied,
            ),
            (Error::SourceChanged { path, why: "w".into() }, Kind::SourceChanged),
            (Error::Refused(Box::new(refusal(404, ""))), Kind::NotFound),
            (Error::SessionLost { why: "w".into(), refusal: None }, Kind::SessionExpired),
            (Error::RangeRejected("r".into()), Kind::RangeRejected),
            (unreachable(TransportFault::Timeout), Kind::Timeout),
            (unreachable(TransportFault::Connect), Kind::Network),
            (unreachable(TransportFault::Interrupted), Kind::Network),
            (Error::HostPaused { target: "t".into(), left: Duration::ZERO }, Kind::Throttled),
            (Error::InUse, Kind::Conflict),
            (Error::NotCommitted, Kind::Conflict),
            (
                Error::IntegrityMismatch { item: Map::new(), sent: "s".into(), reported: "r".into() },
                Kind::IntegrityMismatch,
            ),
            (Error::Cancelled, Kind::Cancelled),
            (Error::Unexpected("u".into()), Kind::Unexpected),
        ] {
            assert_eq!(error.kind(), kind, "{error:?}");
        }
    }
}
