//! What a refusal, or silence, means for the request that met it: one table, by the request's purpose and the status. A new
//! answer of the service is a row here.

use crate::error::TransportFault;
use crate::error::graph_error::GraphError;

/// What a request is for. It decides whether it may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads something of Graph's.
    Look,
    /// Creates a session. Two sessions for one file block each other.
    Create,
    /// Asks a session for its state.
    Ask,
    /// Sends bytes to a session.
    Put,
    /// Puts a file in place. Done twice, it may be two files.
    Commit,
    /// Puts a file in the place of what is there. Done twice, it is the same.
    Replace,
    /// Cancels a session.
    Delete,
}

/// What an answer that refuses means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Later, and no failed attempt: only the wait budget limits it.
    Throttled,
    /// It passes: the same may do after a pause, with `renew` on a new connection.
    Passing {
        /// Whether the connection in use is at fault.
        renew: bool,
    },
    /// Somebody holds the item.
    Locked,
    /// It is to be asked for elsewhere.
    Moved,
    /// The session is not known here: it may be too new, or gone.
    Unknown,
    /// The session is gone.
    Gone,
    /// These bytes are not expected now.
    OutOfOrder,
    /// The request is too large.
    TooLarge,
    /// The destination is no longer what it was when the session was made.
    Outdated,
    /// The same again will not help.
    Final,
}

/// The table. `is_old`: the session is as old as the token in its URL may get.
pub fn verdict(purpose: Purpose, status: u16, graph: &GraphError, is_old: bool) -> Verdict {
    use Purpose::{Ask, Commit, Create, Delete, Look, Put, Replace};
    const PASSING: Verdict = Verdict::Passing { renew: false };
    match (purpose, status) {
        _ if is_final(status, graph) => Verdict::Final,
        (Put, 307 | 308) => Verdict::Moved,
        (Put, 301 | 302) => Verdict::Final,
        (_, 301 | 302 | 307 | 308) => Verdict::Moved,
        (_, 429) => Verdict::Throttled,
        (_, 503) => Verdict::Passing { renew: true },
        // Personal says so now and then, whatever the request.
        (_, 401) if graph.says("unable to initialize rps") => PASSING,
        (Put, 404 | 410) => Verdict::Unknown,
        (Put, 400) if is_gone(status, graph) => Verdict::Unknown,
        (Put | Ask | Commit | Delete, _) if is_gone(status, graph) => Verdict::Gone,
        (Put | Ask, 403) if is_old => Verdict::Gone,
        (Put, 409) if graph.has_code("resourceModified") => Verdict::Outdated,
        (Put, 413) => Verdict::TooLarge,
        (Put, 416) => Verdict::OutOfOrder,
        (Put | Ask, 423) => Verdict::Locked,
        (Put | Ask, 408 | 500..=599) => PASSING,
        (Look, 408 | 500 | 502 | 504 | 509) => PASSING,
        // As Microsoft's own cmdlets do.
        (Create | Replace | Delete, 408 | 502 | 504) => PASSING,
        _ => Verdict::Final,
    }
}

/// What it means that a request brought no answer. Where no connection was made, nothing was sent.
pub fn silence(purpose: Purpose, fault: TransportFault) -> Verdict {
    let is_safe = fault == TransportFault::Connect || !matches!(purpose, Purpose::Create | Purpose::Commit);
    if is_safe && !fault.is_final() { Verdict::Passing { renew: true } } else { Verdict::Final }
}

impl Verdict {
    /// Whether the same request may do after a pause.
    pub fn may_pass(self) -> bool {
        matches!(self, Verdict::Throttled | Verdict::Passing { .. } | Verdict::Locked)
    }
}

/// Whether an answer of an upload URL means that the session is gone.
pub fn is_gone(status: u16, graph: &GraphError) -> bool {
    let unknown = graph.has_code("uploadSessionNotFound") || graph.says("upload session not found");
    matches!(status, 404 | 410) || status == 400 && unknown || graph.has_code("expiredToken")
}

/// No space, or a file that nobody wants: whatever the status.
fn is_final(status: u16, graph: &GraphError) -> bool {
    status == 507
        || ["malwareDetected", "virusSuspicious", "quotaLimitReached"].iter().any(|code| graph.has_code(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Purpose; 7] = [
        Purpose::Look,
        Purpose::Create,
        Purpose::Ask,
        Purpose::Put,
        Purpose::Commit,
        Purpose::Replace,
        Purpose::Delete,
    ];

    fn code(code: &str) -> String {
        format!(r#"{{"error":{{"code":"x","innerError":{{"code":"{code}"}}}}}}"#)
    }

    fn of(purpose: Purpose, status: u16, body: &str) -> Verdict {
        verdict(purpose, status, &GraphError::parse(body.as_bytes()), false)
    }

    /// One letter a purpose, in the order of `ALL`.
    fn row(status: u16, body: &str) -> String {
        let letter = |purpose| match of(purpose, status, body) {
            Verdict::Throttled => 'w',
            Verdict::Passing { renew: true } => 'n',
            Verdict::Passing { renew: false } => 'p',
            Verdict::Locked => 'l',
            Verdict::Moved => 'r',
            Verdict::Unknown => 'u',
            Verdict::Gone => 'g',
            Verdict::OutOfOrder => 'o',
            Verdict::TooLarge => 't',
            Verdict::Outdated => 'm',
            Verdict::Final => '.',
        };
        ALL.map(letter).into_iter().collect()
    }

    #[test]
    fn each_row_of_the_table() {
        let rps = r#"{"error":{"code":"unauthenticated","message":"Unable to initialize RPS"}}"#;
        let lost = r#"{"error":{"code":"invalidRequest","message":"Upload session not found"}}"#;
        // Look, Create, Ask, Put, Commit, Replace, Delete
        for (status, body, expected) in [
            (200, "", "......."),
            (300, "", "......."),
            (301, "", "rrr.rrr"),
            (302, "", "rrr.rrr"),
            (303, "", "......."),
            (304, "", "......."),
            (307, "", "rrrrrrr"),
            (308, "", "rrrrrrr"),
            (400, "", "......."),
            (400, lost, "..gug.g"),
            (400, &code("uploadSessionNotFound"), "..gug.g"),
            (401, "", "......."),
            (401, rps, "ppppppp"),
            (401, &code("expiredToken"), "..ggg.g"),
            (403, "", "......."),
            (403, &code("expiredToken"), "..ggg.g"),
            (404, "", "..gug.g"),
            (408, "", "pppp.pp"),
            (409, "", "......."),
            (409, &code("resourceModified"), "...m..."),
            (410, "", "..gug.g"),
            (412, "", "......."),
            (413, "", "...t..."),
            (416, "", "...o..."),
            (423, "", "..ll..."),
            (429, "", "wwwwwww"),
            (500, "", "p.pp..."),
            (500, &code("quotaLimitReached"), "......."),
            (502, "", "pppp.pp"),
            (503, "", "nnnnnnn"),
            (503, &code("virusSuspicious"), "......."),
            (504, "", "pppp.pp"),
            (507, "", "......."),
            (509, "", "p.pp..."),
            (520, "", "..pp..."),
        ] {
            assert_eq!(row(status, body), expected, "{status} {body}");
        }
        let old = |purpose| verdict(purpose, 403, &GraphError::default(), true);
        assert_eq!(
            ALL.map(old).map(|one| one == Verdict::Gone),
            [false, false, true, true, false, false, false]
        );
    }

    #[test]
    fn what_may_have_been_acted_upon_is_not_sent_again_unless_it_is_the_same_twice() {
        let repeated = |fault| ALL.map(|purpose| silence(purpose, fault) == Verdict::Passing { renew: true });
        assert_eq!(repeated(TransportFault::Connect), [true; 7]);
        assert_eq!(repeated(TransportFault::Untrusted), [false; 7], "the next try would meet the same");
        for fault in [TransportFault::Timeout, TransportFault::Request, TransportFault::Interrupted] {
            assert_eq!(repeated(fault), [true, false, true, true, false, true, true], "{fault:?}");
        }
    }
}
