//! Why an operation pauses, and for how long: told to whoever waits for it.

use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, TransportFault};

/// Why an operation pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Reason {
    /// The service asks to slow down (429).
    Throttled,
    /// The service is in trouble (5xx, 408).
    ServerFault,
    /// A request or its answer broke off.
    ConnectionLost,
    /// No connection could be made.
    NoConnection,
    /// The service has told how few requests are left (`RateLimit`).
    Paced,
    /// The item is locked (423).
    Locked,
    /// The service does not know its session (404): a new one not yet, another one perhaps no more.
    UnknownSession,
    /// The session that is to be replaced still holds the name (409).
    NameTaken,
    /// An answer that does not say where the upload stands.
    Unclear,
    /// Nothing moved any more.
    Silent,
}

/// One pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// How long it is.
    pub after: Duration,
    /// Why it is made.
    pub reason: Reason,
    /// The status that has led to it.
    pub status: Option<u16>,
    /// Whether the service has asked for it; else it is our own patience.
    pub asked_for: bool,
}

impl Pause {
    /// The pause after a failure.
    pub(crate) fn after(failure: &Error, after: Duration) -> Pause {
        let status = failure.response().map(|response| response.status);
        let reason = match failure {
            Error::HostPaused { .. } => Reason::Throttled,
            Error::Unreachable { fault: TransportFault::Connect, .. } => Reason::NoConnection,
            Error::Unreachable { fault: TransportFault::Timeout, .. } => Reason::Silent,
            Error::Unreachable { .. } => Reason::ConnectionLost,
            Error::Refused(_) | Error::SessionLost { .. } => status.map_or(Reason::Unclear, of_status),
            _ => Reason::Unclear,
        };
        let wished = failure.refusal().is_some_and(|refusal| refusal.retry_after.is_some());
        Pause { after, reason, status, asked_for: wished || reason == Reason::Throttled }
    }

    /// A pause that the service has asked for with this answer.
    pub(crate) fn asked_for(status: u16, after: Duration) -> Pause {
        Pause { after, reason: of_status(status), status: Some(status), asked_for: true }
    }

    /// What is left of a pause that an earlier upload was asked for.
    pub(crate) fn left_over(after: Duration) -> Pause {
        Pause { after, reason: Reason::Throttled, status: None, asked_for: true }
    }

    /// A pause between requests of which only so many are left.
    pub(crate) fn paced(after: Duration) -> Pause {
        Pause { after, reason: Reason::Paced, status: None, asked_for: true }
    }
}

fn of_status(status: u16) -> Reason {
    match status {
        429 => Reason::Throttled,
        408 | 500..=599 => Reason::ServerFault,
        400 | 404 | 410 => Reason::UnknownSession,
        409 => Reason::NameTaken,
        423 => Reason::Locked,
        _ => Reason::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::graph_error::GraphError;
    use crate::error::{Refusal, Trail};
    use crate::response::Response;

    const SECOND: Duration = Duration::from_secs(1);

    fn trail() -> Trail {
        let (method, target) = ("PUT", "https://h/…".into());
        Trail { method, target, with_token: false, attempts: 1, elapsed: Duration::ZERO }
    }

    #[test]
    fn each_failure_has_its_reason_and_only_the_services_wish_is_asked_for() {
        for (status, retry_after, reason, asked_for) in [
            (429, None, Reason::Throttled, true),
            (429, Some(SECOND), Reason::Throttled, true),
            (503, Some(SECOND), Reason::ServerFault, true),
            (503, None, Reason::ServerFault, false),
            (408, None, Reason::ServerFault, false),
            (404, None, Reason::UnknownSession, false),
            (400, None, Reason::UnknownSession, false),
            (409, None, Reason::NameTaken, false),
            (423, None, Reason::Locked, false),
            (416, None, Reason::Unclear, false),
        ] {
            let response = Response { status, headers: vec![], body: vec![] };
            let graph = GraphError::default();
            let failure = Error::Refused(Box::new(Refusal { response, graph, trail: trail(), retry_after }));
            let expected = Pause { after: SECOND, reason, status: Some(status), asked_for };
            assert_eq!(Pause::after(&failure, SECOND), expected, "{status}");
        }
        for (fault, reason) in [
            (TransportFault::Connect, Reason::NoConnection),
            (TransportFault::Request, Reason::ConnectionLost),
            (TransportFault::Timeout, Reason::Silent),
        ] {
            let failure = Error::Unreachable { trail: trail(), fault, source: "no".into() };
            let expected = Pause { after: SECOND, reason, status: None, asked_for: false };
            assert_eq!(Pause::after(&failure, SECOND), expected);
        }
    }
}
