//! Hosts in C, each a process of its own: what Rust's `main` and .NET hide shows there. They are compiled with `cc`.

mod compiled;
mod example;
mod guest;
mod standin;
