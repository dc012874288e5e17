//! The command line.

use std::path::PathBuf;

/// How it is called.
pub const USAGE: &str = "\
usage: bench run [--quick] [--rounds N] [--only SCENARIO]... [--pwsh PROGRAM] [--picture FILE.svg]
       bench counts [--update | --report FILE.json]";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Time the contenders.
    Run,
    /// Count instructions and compare them with the baseline.
    Counts,
}

/// The command line, read.
pub struct Options {
    pub task: Task,
    /// Small sizes and one round: shows that everything works, and says nothing about speed.
    pub quick: bool,
    pub rounds: Option<usize>,
    /// Scenarios by key; none for all.
    pub only: Vec<String>,
    /// A PowerShell: its program or its pwsh.dll.
    pub pwsh: Option<PathBuf>,
    /// Where a picture of the results goes.
    pub picture: Option<PathBuf>,
    /// Take what was counted as the new baseline.
    pub update: bool,
    /// Check against the baseline, and write the outcome there.
    pub report: Option<PathBuf>,
}

impl Options {
    /// Reads the command line.
    pub fn parse() -> Result<Options, lexopt::Error> {
        use lexopt::prelude::*;
        let mut parser = lexopt::Parser::from_env();
        let task = match parser.next()? {
            Some(Value(task)) if task == "run" => Task::Run,
            Some(Value(task)) if task == "counts" => Task::Counts,
            _ => return Err("the first word is 'run' or 'counts'".into()),
        };
        let mut options = Options {
            task,
            quick: false,
            rounds: None,
            only: Vec::new(),
            pwsh: None,
            picture: None,
            update: false,
            report: None,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("quick") if task == Task::Run => options.quick = true,
                Long("rounds") if task == Task::Run => options.rounds = Some(parser.value()?.parse()?),
                Long("only") if task == Task::Run => options.only.push(parser.value()?.string()?),
                Long("pwsh") if task == Task::Run => options.pwsh = Some(parser.value()?.into()),
                Long("picture") if task == Task::Run => options.picture = Some(parser.value()?.into()),
                Long("update") if task == Task::Counts => options.update = true,
                Long("report") if task == Task::Counts => options.report = Some(parser.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        if options.rounds == Some(0) {
            return Err("there is nothing to say after no round".into());
        }
        if options.update && options.report.is_some() {
            return Err("what becomes the baseline cannot be checked against it".into());
        }
        Ok(options)
    }
}
