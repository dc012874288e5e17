//! One request on its way through the service.

use crate::{
    fault::{Fault, Stored},
    message::{Answer, Head},
    range::ContentRange,
    refusal::Refusal,
    route::{Place, Route},
    session::{SessionId, Stock},
};

pub(crate) enum Work {
    Put {
        session: SessionId,
        range: Option<ContentRange>,
        content: bool,
    },
    Session {
        session: SessionId,
    },
    Content {
        place: Place,
    },
    Graph {
        route: Route,
    },
    /// To no session's URL as it was told.
    Stray,
}

/// A request whose head was taken and whose body is on its way.
pub struct Exchange {
    pub(crate) number: u64,
    pub(crate) epoch: u64,
    pub(crate) head: Head,
    pub(crate) fault: Option<Fault>,
    pub(crate) work: Work,
    pub(crate) verdict: Option<Result<ContentRange, Refusal>>,
    pub(crate) stock: Stock,
    pub(crate) body: Vec<u8>,
    pub(crate) received: u64,
}

/// What the client gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The answer; to be thrown away when the end is a reset.
    pub answer: Answer,
    /// How much of it arrives.
    pub end: End,
}

/// How an exchange ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The answer arrives.
    Whole,
    /// The connection is reset; nothing of the answer arrives.
    Reset,
    /// Half of the answer's bytes arrive, then the connection is closed.
    Half,
    /// The answer arrives after so many milliseconds.
    After(u64),
    /// The answer arrives, then the connection is closed unannounced.
    ThenClose,
}

impl Exchange {
    pub(crate) fn new(number: u64, epoch: u64, head: Head, fault: Option<Fault>, work: Work) -> Self {
        Self {
            number,
            epoch,
            head,
            fault,
            work,
            verdict: None,
            stock: Stock::default(),
            body: Vec::new(),
            received: 0,
        }
    }

    /// The fault that plays on this request.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// After so many bytes of the body the connection is reset.
    pub fn body_limit(&self) -> Option<u64> {
        match self.fault {
            Some(Fault::ResetBefore) => Some(0),
            Some(Fault::ResetBody(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Whether the body's bytes matter.
    pub(crate) fn stores(&self) -> bool {
        !matches!(self.fault, Some(Fault::Answer(_, Stored::No) | Fault::Redirect(..) | Fault::ResetBefore))
    }

    /// Whether the body's bytes are wanted, or only their number.
    pub fn wants_bytes(&self) -> bool {
        match self.work {
            Work::Put { .. } | Work::Content { .. } => {
                self.stock.digest.is_some() || self.stock.bytes.is_some()
            }
            _ => true,
        }
    }

    /// Takes the next bytes of the body; what lies past the limit or past Content-Length is dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        let declared = self.head.content_length().unwrap_or(u64::MAX);
        let left = self.body_limit().unwrap_or(u64::MAX).min(declared).saturating_sub(self.received);
        let bytes = &bytes[..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        self.received += bytes.len() as u64;
        match self.work {
            Work::Put { .. } => {
                if self.wants_bytes() {
                    self.stock.push(bytes);
                } else {
                    self.stock.length += bytes.len() as u64;
                }
            }
            Work::Content { .. } => self.stock.push(bytes),
            _ => self.body.extend_from_slice(bytes),
        }
    }

    /// Takes bytes of the body that nobody looks at.
    pub fn count(&mut self, bytes: u64) {
        self.received += bytes;
        self.stock.length += bytes;
    }
}
