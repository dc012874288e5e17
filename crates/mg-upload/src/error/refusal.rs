//! An answer that refuses, and how hard it was tried.

use std::time::Duration;

use crate::error::graph_error::GraphError;
use crate::error::hindrance::hindrance;
use crate::error::{Error, TransportFault};
use crate::response::Response;

/// How hard a request was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The HTTP method.
    pub method: &'static str,
    /// Where to: scheme and host only.
    pub target: String,
    /// Whether a token went along: Graph is asked with one, an upload URL (but for To Do's) without.
    pub with_token: bool,
    /// Requests sent for it.
    pub attempts: u32,
    /// From the first attempt to the last.
    pub elapsed: Duration,
}

/// An answer that refuses, with what its body says.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP answer.
    pub response: Response,
    /// Its body, read.
    pub graph: GraphError,
    /// How hard it was tried.
    pub trail: Trail,
    /// The pause that the service asked for.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// What at the destination keeps a file out, in a word, where the answer tells.
    pub fn hindrance(&self) -> Option<&'static str> {
        hindrance(self.response.status, &self.graph)
    }
}

impl Error {
    /// The refusing answer, where there is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            Error::SessionLost { refusal, .. } => refusal.as_deref(),
            _ => None,
        }
    }

    /// The answer at hand, refusing or odd.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Error::UnexpectedAnswer { response, .. } => Some(response),
            other => other.refusal().map(|refusal| &refusal.response),
        }
    }

    /// Why no answer came, where none did.
    pub fn fault(&self) -> Option<TransportFault> {
        match self {
            Error::Unreachable { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    pub(crate) fn trail_mut(&mut self) -> Option<&mut Trail> {
        match self {
            Error::UnexpectedAnswer { trail, .. } | Error::Unreachable { trail, .. } => Some(trail),
            Error::Refused(refusal) | Error::SessionLost { refusal: Some(refusal), .. } => {
                Some(&mut refusal.trail)
            }
            _ => None,
        }
    }

    /// How hard it was tried, where a request was sent.
    pub fn trail(&self) -> Option<&Trail> {
        match self {
            Error::UnexpectedAnswer { trail, .. } | Error::Unreachable { trail, .. } => Some(trail),
            other => other.refusal().map(|refusal| &refusal.trail),
        }
    }
}

pub(super) fn describe_refusal(refusal: &Refusal) -> String {
    let Refusal { response, graph, trail, .. } = refusal;
    let said = match (&graph.code, &graph.message) {
        (Some(code), Some(message)) => format!(": {code}: {message}"),
        (Some(only), None) | (None, Some(only)) => format!(": {only}"),
        (None, None) => String::new(),
    };
    let tries =
        if trail.attempts > 1 { format!(" after {}", attempts(trail.attempts)) } else { String::new() };
    format!("{} {} was answered {}{tries}{said}", trail.method, trail.target, response.status)
}

pub(super) fn attempts(count: u32) -> String {
    if count == 1 { "1 attempt".into() } else { format!("{count} attempts") }
}

/// An answer as tests want one.
#[cfg(test)]
pub(crate) fn refusal(status: u16, body: &str) -> Refusal {
    Refusal {
        graph: GraphError::parse(body.as_bytes()),
        response: Response { status, headers: vec![], body: body.into() },
        trail: Trail {
            method: "PUT",
            target: "https://h/…".into(),
            with_token: false,
            attempts: 2,
            elapsed: Duration::ZERO,
        },
        retry_after: None,
    }
}
