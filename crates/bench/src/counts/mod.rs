//! Instruction counts of the steady state, by callgrind. They hardly change from run to run, also on a busy machine, so
//! that a regression shows where times would hide it. The kernel's work is not among them.

mod baseline;

use std::process::Command;

use serde_json::json;

use crate::Failure;
use crate::child;
use crate::contender::{Contender, Job};
use crate::files::{FileSet, Files};
use crate::options::Options;
use crate::places;
use crate::standin::Standin;
use baseline::{Baseline, Verdict};

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

/// Counts, and compares with the baseline; whether nothing has become dearer than the margin allows. With `--report` this
/// is a check: counts that cannot be compared are not made.
pub fn run(options: &Options) -> Result<bool, Failure> {
    let (baseline, tools) = (Baseline::read()?, baseline::tools()?);
    let foreign = baseline.foreign_to(&tools);
    if let Some(why) = &foreign {
        println!("not compared: {why}");
        if let Some(report) = &options.report {
            std::fs::write(report, report_json(&[], Some(why)))?;
            return Ok(true);
        }
    }
    let files = Files::new(places::results()?.join("counted-files"))?;
    let mut now = json!({});
    let mut verdicts = Vec::new();
    println!("{:<36} {:>12} {:>12} {:>8}", "", "baseline", "now", "change");
    for count in COUNTS {
        let (large, small) = (counted(&files, &count, count.large)?, counted(&files, &count, count.small)?);
        let each = (large - small) / count.units;
        let (change, verdict) = baseline.verdict(count.key, each, foreign.is_none());
        println!(
            "{:<36} {:>12} {each:>12.0} {change:>8} {}",
            count.title,
            baseline.count(count.key).map_or_else(|| "-".into(), |before| format!("{before:.0}")),
            verdict.words(),
        );
        verdicts.push(verdict);
        now[count.key] = (each.round() as i64).into();
    }
    if let Some(report) = &options.report {
        std::fs::write(report, report_json(&verdicts, None))?;
    }
    if options.update {
        baseline.replace(&tools, now)?;
        return Ok(true);
    }
    Ok(!verdicts.iter().any(|verdict| verdict.is_failure()))
}

/// What the build reads: how many counts passed and failed, or why none was made.
fn report_json(verdicts: &[Verdict], left_out: Option<&str>) -> String {
    let failed = verdicts.iter().filter(|verdict| verdict.is_failure()).count();
    json!({ "passed": verdicts.len() - failed, "failed": failed, "leftOut": left_out }).to_string()
}

/// The instructions of one whole upload.
fn counted(files: &Files, count: &Count, set: FileSet) -> Result<f64, Failure> {
    let tls = if count.tls { Some(files.folder("tls")?) } else { None };
    let standin = Standin::start(tls.as_deref(), 0)?;
    let (state, report) = (files.folder("state")?, files.folder("counts")?.join("callgrind.out"));
    let job = Job {
        graph: &standin.graph,
        certificate: standin.certificate.as_deref(),
        chunk: CHUNK,
        parallel: 1,
        looks: false,
        files: set,
        folder: &files.make(set)?,
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
    fn a_report_sums_up() {
        assert_eq!(
            report_json(&[Verdict::AsBefore, Verdict::TooMany, Verdict::Fewer], None),
            r#"{"passed":2,"failed":1,"leftOut":null}"#
        );
        assert_eq!(report_json(&[], Some("why")), r#"{"passed":0,"failed":0,"leftOut":"why"}"#);
    }
}
