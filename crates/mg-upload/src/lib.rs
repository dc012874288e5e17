//! Uploads large files into Microsoft Graph through upload sessions: creates sessions, sends files in fragments,
//! survives faults, checks what arrived.
//!
//! [`Client`] is the way in. `protocol` knows what the services expect and touches nothing; `net` and `source` move bytes;
//! `journal` keeps what survives the process; `client` asks one endpoint; `engine` carries one upload out; `attachment` and
//! `print_job` do all that attaching and printing a file takes.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::too_many_lines))]

mod address;
pub mod attachment;
mod client;
mod engine;
mod error;
mod exact_url;
mod family;
mod hex;
pub mod journal;
mod locked;
pub mod net;
pub mod print_job;
mod progress;
pub mod protocol;
pub mod report;
mod response;
mod secret;
mod shown;
mod source;
mod system;
mod threads;
mod tree;

pub use client::{Answered, Client, ClientOptions, ConflictBehavior, Created, Named, read_created};
pub use engine::{UploadOptions, Uploaded};
pub use error::graph_error::GraphError;
pub use error::{Error, Failure, Kind, Refusal, Trail, TransportFault};
pub use family::{FRAGMENT_UNIT, Family, Profile};
pub use progress::events::{Event, GraphBody};
pub use progress::files::{FilesSnapshot, RunningFile};
pub use progress::pause::{Pause, Reason};
pub use progress::wanted::{Lack, Wanted};
pub use progress::{Phase, Progress, Snapshot};
pub use protocol::ROUTES;
pub use protocol::create::{Described, describe};
pub use protocol::item::Integrity;
pub use protocol::place::{Addressing, BadPlace, Place};
pub use protocol::route::{Route, find as find_route};
pub use protocol::session::{CreateRequest, Session};
pub use quick_xor_hash::QuickXor;
pub use response::Response;
pub use secret::Secret;
pub use tree::{Rows, Sent, Taken, Tally, TreeRequest};
