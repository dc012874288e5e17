//! What an operation ends with other than success.

use super::{Error, Kind};

/// An error, with what it has left open.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// The id under which an upload is on record, to be gone on with.
    pub open: Option<String>,
}

impl Failure {
    /// The failure's short name.
    pub fn kind(&self) -> Kind {
        self.error.kind()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, open: None }
    }
}
