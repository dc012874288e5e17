//! The benchmark: our client beside bare sockets and beside what else a PowerShell user could pick. See the README.
#![deny(unsafe_code)]

mod bounds;
mod child;
mod contender;
mod control;
mod counts;
mod files;
mod options;
mod picture;
mod places;
mod report;
mod results;
mod run;
mod scenario;
mod standin;
mod stats;

use std::process::ExitCode;

use options::{Options, Task};

/// Whatever went wrong, in words.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("bench: {error}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let result = match options.task {
        Task::Run => run::run(&options),
        Task::Counts => counts::run(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
