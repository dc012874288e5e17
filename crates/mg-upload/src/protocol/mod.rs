//! What Graph's upload services expect and answer, as plain functions on values.

pub(crate) mod backoff;
pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod decide;
pub(crate) mod item;
pub mod meaning;
pub(crate) mod place;
pub(crate) mod plan;
pub mod range;
pub(crate) mod route;
mod routes;
pub(crate) mod session;
pub(crate) mod verdict;

pub use routes::ROUTES;
