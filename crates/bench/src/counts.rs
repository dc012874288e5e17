//! Instruction counts of the steady state, by callgrind. They hardly change from run to run, also on a busy machine, so
//! that a regression shows where times would hide it. The kernel's work is not among them.

use std::process::Command;

use serde_json::{Value, json};

use crate::Failure;
use crate::child;
use crate::contender::{Contender, Job};
use crate::files::{FileSet, Files};
use crate::options::Options;
use crate::places;
use crate::standin::Standin;

/// How much more than the baseline is still taken for noise.
const MARGIN: f64 = 0.10;
const MIB: u64 = 1 << 20;
const CHUNK: u64 = 10 * MIB;

/// What is counted: the difference between a larger and a smaller upload, divided by what it has more.
struct Count {
    key: &'static str,
    title: &'static str,
    tls: bool,
    small: FileSet,
    large: FileSet,
    units: f64,
}

const COUNTS: [Count; 3] = [
    Count {
        key: "perMebibyte",
        title: "instructions for a MiB",
        tls: false,
        small: FileSet::one(40),
        large: FileSet::one(120),
        units: 80.0,
    },
    Count {
        key: "perMebibyteTls",
        title: "instructions for a MiB over TLS",
        tls: true,
        small: FileSet::one(10),
        large: FileSet::one(30),
        units: 20.0,
    },
    Count {
        key: "perSmallFile",
        title: "instructions for a file of 1 MiB",
        tls: false,
        small: FileSet { count: 20, bytes: MIB, sparse: false },
        large: FileSet { count: 60, bytes: MIB, sparse: false },
        units: 40.0,
    },
];

/// Counts, and compares with the baseline; whether nothing has become dearer than the margin allows.
pub fn run(options: &Options) -> Result<bool, Failure> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("instructions are counted by valgrind, and there is none on PATH".into());
    }
    let baseline = places::root().join("crates/bench/baseline.json");
    let before: Value = match std::fs::read_to_string(&baseline) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => json!({}),
    };
    let files = Files::new()?;
    let mut now = json!({});
    let mut passed = true;
    println!("{:<36} {:>12} {:>12} {:>8}", "", "baseline", "now", "change");
    for count in COUNTS {
        let (large, small) = (counted(&files, &count, count.large)?, counted(&files, &count, count.small)?);
        let each = (large - small) / count.units;
        let (change, verdict) = verdict(before[count.key].as_f64(), each);
        println!(
            "{:<36} {:>12} {each:>12.0} {change:>8} {verdict}",
            count.title,
            before[count.key].as_f64().map_or_else(|| "-".into(), |before| format!("{before:.0}")),
        );
        passed &= verdict != TOO_MANY;
        now[count.key] = (each.round() as i64).into();
    }
    if options.update {
        std::fs::write(&baseline, format!("{now:#}\n"))?;
        println!("written: {}", baseline.display());
        return Ok(true);
    }
    Ok(passed)
}

const TOO_MANY: &str = "TOO MANY";

/// The change in per cent and what to say about it.
fn verdict(before: Option<f64>, now: f64) -> (String, &'static str) {
    let Some(before) = before.filter(|before| *before > 0.0) else { return ("-".into(), "no baseline") };
    let change = now / before - 1.0;
    let words = if change > MARGIN {
        TOO_MANY
    } else if change < -MARGIN {
        "fewer: take it as the baseline (--update)"
    } else {
        "as before"
    };
    (format!("{:+.1} %", change * 100.0), words)
}

/// The instructions of one whole upload.
fn counted(files: &Files, count: &Count, set: FileSet) -> Result<f64, Failure> {
    let tls = if count.tls { Some(files.folder("tls")?) } else { None };
    let standin = Standin::start(tls.as_deref())?;
    let (state, report) = (files.folder("state")?, files.folder("counts")?.join("callgrind.out"));
    let job = Job {
        graph: &standin.graph,
        certificate: standin.certificate.as_deref(),
        chunk: CHUNK,
        parallel: 1,
        files: &files.make(set)?,
        state: &state,
        pwsh: None,
    };
    let upload = Contender::Example.command(&job)?;
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]);
    command.arg(format!("--callgrind-out-file={}", report.display()));
    command.arg(upload.get_program()).args(upload.get_args());
    command.envs(upload.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = child::run(command)?;
    if ended.status != 0 {
        return Err(format!("exit status {} under valgrind\n{}", ended.status, ended.output).into());
    }
    standin.requests_for(&set.lengths())?;
    total(&std::fs::read_to_string(&report)?).ok_or_else(|| "valgrind has counted nothing".into())
}

/// The sum that callgrind writes at its file's end.
fn total(report: &str) -> Option<f64> {
    let line =
        report.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found() {
        assert_eq!(total("events: Ir\nfn=(1)\n3 4\n\ntotals: 1234\n"), Some(1234.0));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn a_margin_is_left() {
        assert_eq!(verdict(Some(100.0), 109.0), ("+9.0 %".into(), "as before"));
        assert_eq!(verdict(Some(100.0), 111.0).1, TOO_MANY);
        assert!(verdict(Some(100.0), 80.0).1.starts_with("fewer"));
        assert_eq!(verdict(None, 80.0).1, "no baseline");
    }
}
