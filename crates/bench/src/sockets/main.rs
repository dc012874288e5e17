//! The reference of the benchmark: the least that a program has to do to upload a file, over bare blocking sockets. It
//! resumes nothing, checks nothing and hashes nothing; the command line is that of `examples/upload.c`.
#![forbid(unsafe_code)]

mod arguments;
mod connection;
mod listing;
mod upload;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use arguments::Arguments;
use connection::Connector;
use upload::Uploader;

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("sockets: {error}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let failures = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let connector = Connector::default();
    if arguments.list {
        return match listing::list(&arguments, &connector) {
            Ok(items) => {
                println!("{items}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("sockets: {error}");
                ExitCode::FAILURE
            }
        };
    }
    std::thread::scope(|scope| {
        for _ in 0..arguments.parallel.min(arguments.files.len()) {
            scope.spawn(|| {
                let mut uploader = Uploader::new(&arguments, &connector);
                while let Some(file) = arguments.files.get(next.fetch_add(1, Relaxed)) {
                    if let Err(error) = uploader.upload(file) {
                        eprintln!("{}: {error}", file.display());
                        failures.fetch_add(1, Relaxed);
                    }
                }
            });
        }
    });
    if failures.into_inner() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
