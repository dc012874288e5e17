//! The C ABI of MgUpload. Each export is three steps: check and convert, call an inner function, write the outputs.
//! The reference for callers is the header that cbindgen makes of these comments, `include/mg_upload.h`.

#![cfg_attr(not(test), warn(clippy::too_many_lines))]
#![allow(non_camel_case_types, reason = "the names are C's")]

mod cell;
mod client;
mod client_options;
mod delivery;
mod error;
mod guard;
mod guest;
mod journal;
mod lanes;
mod operation;
mod options;
mod platform;
mod pointer;
mod progress;
mod session;
mod sized;
mod start;
mod status;
mod text;
mod token;
mod tree;

pub use client::*;
pub use client_options::*;
pub use delivery::*;
pub use error::*;
pub use journal::*;
pub use operation::*;
pub use options::*;
pub use progress::*;
pub use session::*;
pub use status::*;
pub use text::*;
pub use token::*;
pub use tree::*;

/// The version of this ABI. It grows with every change that is not purely additive.
pub const MGU_ABI_VERSION: u32 = 1;

/// Returns MGU_ABI_VERSION of the loaded library. Call it before anything else, and nothing else when it is not the
/// version that the caller was built for.
#[unsafe(no_mangle)]
pub extern "C" fn mgu_abi_version() -> u32 {
    MGU_ABI_VERSION
}

/// Returns the library's version, such as "0.1.0". The text is static.
#[unsafe(no_mangle)]
pub extern "C" fn mgu_version() -> mgu_text {
    mgu_text::borrowed(env!("CARGO_PKG_VERSION"))
}
