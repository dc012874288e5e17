//! Why no answer came.

use serde::Serialize;

/// Why a transport could not bring an answer. The retry rule reads nothing but this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TransportFault {
    /// The request cannot be written down: its URL, a header.
    Unsendable,
    /// The certificate is not trusted.
    Untrusted,
    /// The proxy wants a log-on, or another one.
    ProxyDenied,
    /// No connection was made: name, address, TLS.
    Connect,
    /// The request broke off, or what came is no HTTP.
    Request,
    /// Nothing moved for too long.
    Timeout,
    /// The answer broke off.
    Interrupted,
    /// The answer is too large.
    Decode,
    /// Anything else.
    Unknown,
}

impl TransportFault {
    /// Whether the next try would meet the same. A proxy that counts log-ons locks an account after a few.
    pub fn is_final(self) -> bool {
        matches!(self, TransportFault::Unsendable | TransportFault::Untrusted | TransportFault::ProxyDenied)
    }
}
