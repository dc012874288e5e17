//! Hosts in C, each a process of its own: what Rust's `main` and .NET hide shows there. They are compiled with `cc`.

mod compiled;
mod example;
#[cfg(target_os = "linux")]
mod guest;
mod standin;
mod tree;
