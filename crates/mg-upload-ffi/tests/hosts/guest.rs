//! The library is a guest: `tests/c/guest.c` has plans of its own for signals, threads and forks, and
//! `tests/c/closed.c` for the library itself.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::compiled::{compile, library};
use crate::service::Service;

/// Runs one test of the guest's; the services that it was given.
fn guest(test: &str) -> (Service, Service) {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| compile("tests/c/guest.c"));
    let (graph, silent) = (Service::start(), Service::start_silent());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, vec![7; 700_000]).unwrap();
    let mut command = Command::new(program);
    command.args([test, &graph.url, &silent.url]).args([&file, &folder.path().join("state")]);
    succeeds(&mut command);
    (graph, silent)
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_hosts_signals_stay_its_own() {
    guest("signals");
}

#[test]
fn the_library_may_be_closed_while_its_threads_wind_down() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(Command::new(compile("tests/c/closed.c")).arg(library()).arg(folder.path()));
}

#[test]
fn a_fork_is_told_and_makes_a_client_of_its_own() {
    guest("forked");
}

#[test]
fn a_thread_that_is_cancelled_in_a_call_ends_after_it() {
    guest("cancelled");
}

#[test]
fn the_environment_is_read_once() {
    let (first, later) = guest("environment");
    assert!(
        first.heads().iter().any(|head| head.starts_with("connect graph.invalid:443 ")),
        "{:?}",
        first.heads()
    );
    assert_eq!(later.heads(), [""; 0]);
}

#[test]
fn a_system_without_a_thread_to_give_is_told_as_such() {
    guest(if tokio_minor() < 54 { "threadless-waits" } else { "threadless" });
}

/// Before 1.54, tokio takes its workers for threads that will get round to what blocks: work that gets no thread waits.
fn tokio_minor() -> u32 {
    // The workspace that cargo runs in: it may be a folder of links, with a lock file of its own.
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let lock = PathBuf::from(folder).ancestors().nth(2).unwrap().join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let version = lock.split("name = \"tokio\"\nversion = \"1.").nth(1).unwrap();
    version.split('.').next().unwrap().parse().unwrap()
}
