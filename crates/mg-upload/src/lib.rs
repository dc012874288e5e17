//! Uploads large files into Microsoft Graph through upload sessions: creates sessions, sends files in fragments,
//! survives faults, checks what arrived.
//!
//! [`Client`] is the way in. The modules of plain functions (`plan`, `range`, `backoff`, `verdict`, `decide`, `answer`, `route`)
//! know the protocol and touch nothing; `engine` drives them; `transport` and `source` move bytes.

#![forbid(unsafe_code)]

pub mod answer;
mod backoff;
mod body;
mod client;
mod clock;
mod decide;
mod engine;
mod error;
mod events;
mod exchange;
mod family;
mod file_by_id;
mod gate;
pub mod graph_error;
mod hex;
pub mod journal;
mod pause;
mod place;
mod plan;
mod progress;
mod quick_xor;
pub mod range;
pub mod report;
mod route;
mod routes;
mod secret;
mod session;
mod sessions;
mod shown;
mod source;
mod threads;
pub mod transport;
mod verdict;
mod waits;

pub use client::{Client, ClientOptions};
pub use engine::{ConflictBehavior, Integrity, UploadOptions, Uploaded};
pub use error::{Error, Kind, Refusal, Trail, TransportFault};
pub use events::Event;
pub use family::{FRAGMENT_UNIT, Family, Profile};
pub use pause::{Pause, Reason};
pub use place::{Addressing, BadPlace, Place};
pub use progress::{Phase, Progress, Snapshot};
pub use quick_xor::QuickXor;
pub use route::{Route, find as find_route};
pub use routes::ROUTES;
pub use secret::Secret;
pub use session::{CreateRequest, Session};
pub use sessions::{Answered, Created, Described, Named, describe, read_created};
