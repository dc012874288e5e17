//! What the HTTP library's errors mean.

use std::io;
use std::time::Duration;

use super::TransportError;
use crate::error::TransportFault;

/// Sorts the library's error by what the retry rule needs to know. Its own text would name the URL: taken out.
pub(super) fn sorted(error: reqwest::Error, connect_timeout: Duration) -> TransportError {
    let error = error.without_url();
    let mut text = in_one_line(&error);
    if error.is_connect() && error.is_timeout() && !text.contains(OF_THE_SYSTEM) {
        text = format!("no connection within {} s", connect_timeout.as_secs_f64());
    }
    let fault = if error.is_builder() {
        TransportFault::Unsendable
    } else if is_untrusted(&error) {
        TransportFault::Untrusted
    } else if text.contains(PROXY_WANTS_LOG_ON) {
        TransportFault::ProxyDenied
    } else if error.is_connect() {
        // Also where making it has taken too long: nothing was sent.
        TransportFault::Connect
    } else if error.is_timeout() {
        TransportFault::Timeout
    } else if error.is_decode() {
        TransportFault::Decode
    } else if error.is_body() {
        TransportFault::Interrupted
    } else if error.is_request() {
        TransportFault::Request
    } else {
        TransportFault::Unknown
    };
    TransportError { fault, source: text.into() }
}

/// What a limit of the system's has in its text, which may be shorter than ours.
const OF_THE_SYSTEM: &str = "os error";

/// What the library says of a proxy's 407; its error type is its own.
const PROXY_WANTS_LOG_ON: &str = "proxy authorization required";

/// Whether a certificate was refused. Errors of TLS travel inside errors of input and output.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = match inner {
            Some(inner) => inner.downcast_ref(),
            None => error.downcast_ref(),
        };
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        cause = inner.map_or_else(|| error.source(), |inner| Some(inner));
    }
    false
}

/// A chain of causes in one line: the outermost text of this library says only that a request failed.
fn in_one_line(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let own = error.to_string();
        if !text.contains(&own) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&own);
        }
        cause = error.source();
    }
    text
}
