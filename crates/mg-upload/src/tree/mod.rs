//! Whole trees: what is sent, in which order, as what, and what becomes of each file.
//!
//! `walk` reads the tree here, `find` brings it together with the folders there (`folder`, `resolve`, `listing`, `remote`, `item`),
//! `space` compares what that takes with what is free, `send` sees one file through (`create`, `found`, `small`, `whole`, `told`),
//! `run` has several at once, `begin` and `keep` mind what is on record. What they go by are
//! plain functions on values: `names`, `fold`, `map`, `filter`, `shard`, `plan`, `queue`, `level`, `tally`.

mod begin;
mod board;
mod browser;
mod create;
mod filter;
mod find;
mod fold;
mod folder;
mod found;
mod item;
mod keep;
mod level;
mod listing;
mod locate;
mod map;
mod names;
mod pages;
mod patience;
mod plan;
mod queue;
mod remote;
mod renamed;
mod request;
mod resolve;
mod resume;
mod row;
mod rows;
mod run;
mod send;
mod shard;
mod small;
mod space;
mod tally;
mod told;
mod walk;
mod whole;

pub use request::TreeRequest;
pub use rows::{Rows, Taken};
pub use run::Sent;
pub use tally::Tally;
