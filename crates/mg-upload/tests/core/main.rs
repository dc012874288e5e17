//! The core over the stand-in, in one process and one program: the engine over this transport is compiled once.

mod arrived;
mod attachments;
mod calls;
mod faults;
mod garbage;
mod line;
mod pitfalls;
mod places;
mod printing;
mod promises;
mod records;
mod resume;
mod schedules;
mod silence;
mod support;
mod telling;
mod tree;
mod tree_changes;
mod tree_destinations;
mod tree_open;
mod tree_pace;
mod tree_rules;
mod upload;
mod waiting;
mod wire;
