//! Status numbers, written out and never used twice.

use mg_upload::Kind;

/// What a function returns, and what an operation ends with.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum mgu_status {
    /// Done.
    MGU_STATUS_OK = 0,
    /// Still running.
    MGU_STATUS_PENDING = 1,
    /// No more rows.
    MGU_STATUS_END = 2,
    /// Still running, and waits for a token: mgu_operation_token_wanted says which, mgu_client_answer_token hands it in. Only
    /// operations of a client with token_wait_millis say so.
    MGU_STATUS_TOKEN_WANTED = 3,

    /// The caller's input cannot be used, or the service calls the request malformed.
    MGU_STATUS_INVALID_INPUT = 100,
    /// Library and caller were built for different ABIs.
    MGU_STATUS_ABI_MISMATCH = 101,
    /// The call itself is wrong, and says nothing of the operation: a NULL, an unknown size, a handle of the process that
    /// this one is a fork of.
    MGU_STATUS_BAD_CALL = 102,
    /// The file is not there.
    MGU_STATUS_SOURCE_MISSING = 110,
    /// The file cannot be read.
    MGU_STATUS_SOURCE_DENIED = 111,
    /// The file changed while it was uploaded.
    MGU_STATUS_SOURCE_CHANGED = 112,
    /// The service reports another hash than that of the bytes sent.
    MGU_STATUS_INTEGRITY_MISMATCH = 113,
    /// The folder in which open uploads are recorded cannot be used, or others can write in it.
    MGU_STATUS_STATE_UNUSABLE = 120,

    /// No token, or one that the service does not accept.
    MGU_STATUS_UNAUTHENTICATED = 200,
    /// The token does not permit this.
    MGU_STATUS_FORBIDDEN = 201,
    /// No such drive, folder, item, message or job.
    MGU_STATUS_NOT_FOUND = 202,
    /// The name is taken, or the item has changed or is locked.
    MGU_STATUS_CONFLICT = 203,
    /// The service asks to slow down, and the wait budget is used up.
    MGU_STATUS_THROTTLED = 204,
    /// The service failed.
    MGU_STATUS_SERVER_FAULT = 205,
    /// The session is gone: finished, cancelled or expired.
    MGU_STATUS_SESSION_EXPIRED = 206,
    /// The service's position and ours cannot be reconciled.
    MGU_STATUS_RANGE_REJECTED = 207,
    /// No space is left at the destination.
    MGU_STATUS_QUOTA_EXCEEDED = 208,
    /// An answer that is no answer of Graph's.
    MGU_STATUS_UNEXPECTED_ANSWER = 209,

    /// No connection, or a broken one.
    MGU_STATUS_NETWORK = 300,
    /// No answer in time.
    MGU_STATUS_TIMEOUT = 301,

    /// The caller cancelled.
    MGU_STATUS_CANCELLED = 400,

    /// The system has no thread, file or memory left to give. Nothing is wrong with the call: it may be repeated.
    MGU_STATUS_OUT_OF_RESOURCES = 500,

    /// A panic was caught; the operation is lost, the process is sound.
    MGU_STATUS_PANIC = 900,
    /// A fault in this library.
    MGU_STATUS_UNEXPECTED = 901,
}

use mgu_status::*;

impl From<Kind> for mgu_status {
    fn from(kind: Kind) -> mgu_status {
        match kind {
            Kind::InvalidInput => MGU_STATUS_INVALID_INPUT,
            Kind::SourceMissing => MGU_STATUS_SOURCE_MISSING,
            Kind::SourceDenied => MGU_STATUS_SOURCE_DENIED,
            Kind::SourceChanged => MGU_STATUS_SOURCE_CHANGED,
            Kind::IntegrityMismatch => MGU_STATUS_INTEGRITY_MISMATCH,
            Kind::StateUnusable => MGU_STATUS_STATE_UNUSABLE,
            Kind::Unauthenticated => MGU_STATUS_UNAUTHENTICATED,
            Kind::Forbidden => MGU_STATUS_FORBIDDEN,
            Kind::NotFound => MGU_STATUS_NOT_FOUND,
            Kind::Conflict => MGU_STATUS_CONFLICT,
            Kind::Throttled => MGU_STATUS_THROTTLED,
            Kind::ServerFault => MGU_STATUS_SERVER_FAULT,
            Kind::SessionExpired => MGU_STATUS_SESSION_EXPIRED,
            Kind::RangeRejected => MGU_STATUS_RANGE_REJECTED,
            Kind::QuotaExceeded => MGU_STATUS_QUOTA_EXCEEDED,
            Kind::UnexpectedAnswer => MGU_STATUS_UNEXPECTED_ANSWER,
            Kind::Network => MGU_STATUS_NETWORK,
            Kind::Timeout => MGU_STATUS_TIMEOUT,
            Kind::Cancelled => MGU_STATUS_CANCELLED,
            Kind::OutOfResources => MGU_STATUS_OUT_OF_RESOURCES,
            // A kind that is newer than this table is no reason to panic.
            _ => MGU_STATUS_UNEXPECTED,
        }
    }
}

/// What a running operation is doing.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum mgu_phase {
    /// Nothing has been sent yet.
    MGU_PHASE_STARTING = 0,
    /// Bytes are on their way.
    MGU_PHASE_SENDING = 1,
    /// A pause, asked for by the service or the client's own.
    MGU_PHASE_WAITING = 2,
    /// The service is asked for its state.
    MGU_PHASE_ASKING = 3,
    /// The outcome is compared with what was sent.
    MGU_PHASE_VERIFYING = 4,
    /// It has ended.
    MGU_PHASE_DONE = 5,
}

impl From<mg_upload::Phase> for mgu_phase {
    fn from(phase: mg_upload::Phase) -> mgu_phase {
        use mg_upload::Phase;
        match phase {
            Phase::Starting => mgu_phase::MGU_PHASE_STARTING,
            Phase::Sending => mgu_phase::MGU_PHASE_SENDING,
            Phase::Waiting => mgu_phase::MGU_PHASE_WAITING,
            Phase::Asking => mgu_phase::MGU_PHASE_ASKING,
            Phase::Verifying => mgu_phase::MGU_PHASE_VERIFYING,
            Phase::Done => mgu_phase::MGU_PHASE_DONE,
        }
    }
}

/// Why an operation pauses.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum mgu_wait_reason {
    /// It does not.
    MGU_WAIT_NONE = 0,
    /// The service asks to slow down (429).
    MGU_WAIT_THROTTLED = 1,
    /// The service is in trouble (5xx, 408).
    MGU_WAIT_SERVER_FAULT = 2,
    /// A request or its answer broke off.
    MGU_WAIT_CONNECTION_LOST = 3,
    /// No connection could be made.
    MGU_WAIT_NO_CONNECTION = 4,
    /// The service has told how few requests are left (RateLimit-Remaining).
    MGU_WAIT_PACED = 5,
    /// The item is locked (423).
    MGU_WAIT_LOCKED = 6,
    /// The service does not know the session (404): a new one not yet, another one perhaps no more.
    MGU_WAIT_UNKNOWN_SESSION = 7,
    /// The session that is to be replaced still holds the name (409).
    MGU_WAIT_NAME_TAKEN = 8,
    /// An answer did not say where the upload stands.
    MGU_WAIT_UNCLEAR = 9,
    /// Nothing moved any more: see idle_timeout_millis.
    MGU_WAIT_SILENT = 10,
}

impl From<Option<mg_upload::Reason>> for mgu_wait_reason {
    fn from(reason: Option<mg_upload::Reason>) -> mgu_wait_reason {
        use mg_upload::Reason;
        match reason {
            None => mgu_wait_reason::MGU_WAIT_NONE,
            Some(Reason::Throttled) => mgu_wait_reason::MGU_WAIT_THROTTLED,
            Some(Reason::ServerFault) => mgu_wait_reason::MGU_WAIT_SERVER_FAULT,
            Some(Reason::ConnectionLost) => mgu_wait_reason::MGU_WAIT_CONNECTION_LOST,
            Some(Reason::NoConnection) => mgu_wait_reason::MGU_WAIT_NO_CONNECTION,
            Some(Reason::Paced) => mgu_wait_reason::MGU_WAIT_PACED,
            Some(Reason::Locked) => mgu_wait_reason::MGU_WAIT_LOCKED,
            Some(Reason::UnknownSession) => mgu_wait_reason::MGU_WAIT_UNKNOWN_SESSION,
            Some(Reason::NameTaken) => mgu_wait_reason::MGU_WAIT_NAME_TAKEN,
            Some(Reason::Unclear) => mgu_wait_reason::MGU_WAIT_UNCLEAR,
            Some(Reason::Silent) => mgu_wait_reason::MGU_WAIT_SILENT,
        }
    }
}

#[cfg(test)]
mod tests;
