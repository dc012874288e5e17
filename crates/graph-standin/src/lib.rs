//! A stand-in for Microsoft Graph's upload services. [`Service`] is a state machine: no sockets, no clock, no
//! randomness. A test hands it requests and times, or runs the program, which puts HTTP around it.
//!
//! ```
//! use graph_standin::{Config, Endpoints, Head, Listener, Request, Service};
//!
//! let mut service = Service::new(Config::default(), Endpoints::default(), 1_769_677_200_000);
//! let head = Head {
//!     listener: Listener::Graph,
//!     method: "POST".into(),
//!     target: "/v1.0/drives/d/root:/a.bin:/createUploadSession".into(),
//!     headers: vec![("Authorization".into(), "Bearer t".into()), ("Content-Length".into(), "2".into())],
//! };
//! let answer = service.handle(&Request { head, body: b"{}".to_vec() }, 1_769_677_200_000);
//! assert_eq!(answer.status, 200);
//! ```
#![forbid(unsafe_code)]

mod action;
mod attachment;
mod budget;
mod clock;
mod config;
mod control;
mod dispatch;
mod drive;
mod drive_commit;
mod drive_create;
mod drive_item;
mod exchange;
mod fault;
mod hash;
mod holder;
mod inspect;
mod items;
mod listing;
mod lookup;
mod message;
mod place;
mod print;
mod print_job;
mod put;
mod range;
mod record;
mod refusal;
mod route;
mod service;
mod session;
mod sessions;
mod token;
mod watch;
mod world;

pub use config::{
    Addressing, Casing, ChannelConfig, Config, DriveConfig, FolderConfig, Hashes, ItemConfig, Kind,
    OutlookConfig, PrintConfig, RangeForm, SessionLife, SiteConfig, StrictMultiples, TodoConfig,
};
pub use control::{Reply, control};
pub use exchange::{Delivery, End, Exchange};
pub use fault::{Fault, On, Part, RouteKind, Rule, Scripted, Stored};
pub use hash::{Digest, QuickXor};
pub use message::{Answer, Family, Head, Listener, Request};
pub use range::ContentRange;
pub use record::Recorded;
pub use service::Service;
pub use world::{Endpoints, FileRecord, SessionRecord};
