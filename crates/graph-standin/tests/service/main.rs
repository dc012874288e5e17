//! The stand-in's services, asked as a client asks them; one program, so that they are compiled once.

mod attachments;
mod common;
mod drive;
mod faults;
mod nonsense;
mod strict;
mod uris;
