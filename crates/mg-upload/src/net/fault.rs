//! What the HTTP library's errors mean.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy;

use super::TransportError;
use crate::error::TransportFault;

type Cause<'a> = &'a (dyn Error + 'static);

/// Sorts what came in place of an answer by what the retry rule needs to know.
pub(super) fn sorted(error: &legacy::Error, connect_timeout: Duration) -> TransportError {
    // The outermost text says only that a request failed.
    let mut text = in_one_line(error.source().unwrap_or(error));
    let is_late = is_late(error);
    if error.is_connect() && is_late && !text.contains(OF_THE_SYSTEM) {
        text = format!("no connection within {} s", connect_timeout.as_secs_f64());
    }
    let fault = if is_untrusted(error) {
        TransportFault::Untrusted
    } else if text.contains(PROXY_WANTS_LOG_ON) {
        TransportFault::ProxyDenied
    } else if error.is_connect() {
        // Also where making it has taken too long: nothing was sent.
        TransportFault::Connect
    } else if is_late {
        TransportFault::Timeout
    } else {
        TransportFault::Request
    };
    TransportError { fault, source: text.into() }
}

/// Sorts what ended an answer that had begun.
pub(super) fn broken_off(error: Cause<'_>) -> TransportError {
    let fault = if is_late(error) { TransportFault::Timeout } else { TransportFault::Interrupted };
    TransportError { fault, source: in_one_line(error).into() }
}

/// What a limit of the system's has in its text, which may be shorter than ours.
const OF_THE_SYSTEM: &str = "os error";

/// What the library says of a proxy's 407; its error type is its own.
const PROXY_WANTS_LOG_ON: &str = "proxy authorization required";

/// An error and what has caused it, the outermost first. Errors of TLS travel inside errors of input and output.
fn causes<'a>(error: Cause<'a>) -> impl Iterator<Item = Cause<'a>> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

/// Whether a limit has passed, ours for making a connection or one of the system's.
fn is_late(error: Cause<'_>) -> bool {
    let timed_out = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    causes(error).any(|cause| cause.downcast_ref().is_some_and(timed_out))
}

/// Whether a certificate was refused.
fn is_untrusted(error: Cause<'_>) -> bool {
    causes(error).any(|cause| matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))))
}

/// A chain of causes in one line, each text once.
fn in_one_line(error: Cause<'_>) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let own = cause.to_string();
        if !text.contains(&own) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&own);
        }
    }
    text
}
