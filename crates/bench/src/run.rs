//! Runs the contenders in turns.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;
use crate::bounds;
use crate::child::{self, Sample};
use crate::contender::{Contender, Job};
use crate::files::{FileSet, Files};
use crate::options::Options;
use crate::picture;
use crate::places;
use crate::report;
use crate::results::{Results, Row, Table};
use crate::scenario::{SCENARIOS, Scenario};
use crate::standin::Standin;
use crate::stats::median;

const ROUNDS: usize = 7;
/// Items on a page of a list.
const PAGE: usize = 1000;
/// Runs of a process that does nothing; its memory hardly varies.
const IDLE_RUNS: usize = 3;

/// What all runs share.
struct Bench<'a> {
    files: Files,
    state: PathBuf,
    pwsh: Option<&'a Path>,
    has_curl: bool,
    rounds: usize,
}

/// Measures, reports, and writes the results; whether every bound that was judged is met. INVARIANT: whatever has been
/// measured is shown and written, also when a bound is missed or a contender fails.
pub fn run(options: &Options) -> Result<bool, Failure> {
    let unknown = |key: &&String| SCENARIOS.iter().all(|scenario| scenario.key != key.as_str());
    if let Some(unknown) = options.only.iter().find(unknown) {
        let keys: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.key).collect();
        return Err(format!("there is no scenario {unknown}, but {}", keys.join(", ")).into());
    }
    let files = Files::new(places::results()?.join("files"))?;
    let bench = Bench {
        state: files.folder("state")?,
        files,
        pwsh: options.pwsh.as_deref(),
        has_curl: Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_ok(),
        rounds: options.rounds.unwrap_or(if options.quick { 1 } else { ROUNDS }),
    };
    let mut results = Results::default();
    if bench.pwsh.is_none() {
        results.left_out.push("everything in PowerShell: none was named (--pwsh)".into());
    }
    if !bench.has_curl {
        results.left_out.push("the curl loop: there is no curl".into());
    }
    if let Err(error) = child::forget_peak() {
        results.left_out.push(format!("exact memory, it may be too high: /proc/self/clear_refs: {error}"));
    }
    let failure = bench.measure_all(options, &mut results).err();
    let judged = if options.quick { Vec::new() } else { bounds::judge(&results) };
    print!("{}", report::bounds(&judged, &results));
    let mut json = results.to_json();
    json["quick"] = options.quick.into();
    json["processors"] = std::thread::available_parallelism().map_or(0, usize::from).into();
    json["bounds"] = judged.iter().map(bounds::Judged::to_json).collect();
    json["failure"] = failure.as_ref().map(ToString::to_string).into();
    let whole = !options.quick && options.only.is_empty();
    let file = places::results()?.join(if whole { "results.json" } else { "part.json" });
    std::fs::write(&file, format!("{json:#}\n"))?;
    println!("\nwritten: {}", file.display());
    if let Some(failure) = failure {
        return Err(failure); // A picture of a part would replace one of the whole.
    }
    if let Some(file) = &options.picture {
        std::fs::create_dir_all(file.parent().unwrap_or(file))?;
        std::fs::write(file, picture::svg(&results))?;
        println!("written: {}", file.display());
    }
    if options.quick {
        println!(
            "a quick run shows that everything works; it says nothing about speed, and no bound is judged"
        );
    }
    let missed = judged.iter().filter(|judged| judged.met == Some(false)).count();
    if missed > 0 {
        println!("bounds that are not met: {missed}");
    }
    // In a run of everything a bound that was not measured would be a mistake in this program.
    let forgotten = judged.iter().any(|judged| judged.bound.most.is_some() && judged.met.is_none());
    if whole && results.left_out.is_empty() && forgotten {
        return Err("a bound has no figure".into());
    }
    Ok(missed == 0)
}

impl Bench<'_> {
    /// Measures each scenario and prints its table at once.
    fn measure_all(&self, options: &Options, results: &mut Results) -> Result<(), Failure> {
        for &scenario in SCENARIOS {
            if !options.only.is_empty() && !options.only.iter().any(|key| key == scenario.key) {
                continue;
            }
            let scenario = if options.quick { scenario.quick() } else { scenario };
            let mut rows = Vec::new();
            let measured = self.measure(scenario, &mut rows, &mut results.idle);
            rows.retain(|row| !row.samples.is_empty());
            if !rows.is_empty() {
                results.tables.push(Table { scenario, rows });
            }
            if let Some(table) = results.tables.last().filter(|table| table.scenario.key == scenario.key) {
                print!("{}", report::table(table, results));
            }
            measured?;
        }
        Ok(())
    }

    /// Fills in the rows; what is in them when it fails has been measured.
    fn measure(
        &self,
        scenario: Scenario,
        rows: &mut Vec<Row>,
        idle: &mut BTreeMap<Contender, f64>,
    ) -> Result<(), Failure> {
        let tls = if scenario.tls { Some(self.files.folder("tls")?) } else { None };
        let standin = Standin::start(tls.as_deref(), scenario.entries)?;
        let folder = self.files.make(scenario.files)?;
        let job = Job {
            folder: &folder,
            graph: &standin.graph,
            certificate: standin.certificate.as_deref(),
            chunk: scenario.chunk,
            parallel: scenario.parallel,
            looks: scenario.entries > 0,
            files: scenario.files,
            state: &self.state,
            pwsh: self.pwsh,
        };
        let there = |one: &Contender| {
            (self.pwsh.is_some() || !one.needs_pwsh()) && (self.has_curl || *one != Contender::Curl)
        };
        for contender in scenario.contenders.iter().copied().filter(there) {
            if scenario.files.count > 0
                && let Entry::Vacant(unknown) = idle.entry(contender)
            {
                unknown.insert(idle_peak(contender, &job)?);
            }
            // The warm-up.
            let (_, requests) = once(contender, &job, scenario, &standin)?;
            rows.push(Row { contender, samples: Vec::new(), requests });
        }
        for _ in 0..self.rounds.min(scenario.most_rounds) {
            for row in &mut *rows {
                row.samples.push(once(row.contender, &job, scenario, &standin)?.0);
            }
        }
        Ok(())
    }
}

/// One run, and how many requests it made.
fn once(
    contender: Contender,
    job: &Job<'_>,
    scenario: Scenario,
    standin: &Standin,
) -> Result<(Sample, usize), Failure> {
    let failed = |why: String| format!("{}, {}: {why}", scenario.key, contender.title());
    standin
        .prepare(scenario.delay_millis)
        .map_err(|error| failed(format!("the stand-in does not answer: {error}")))?;
    let ended = child::run(contender.command(job)?)?;
    if !standin.is_alive() {
        return Err(failed("the stand-in has ended meanwhile".into()).into());
    }
    if ended.status != 0 {
        return Err(failed(format!("exit status {}\n{}", ended.status, ended.output)).into());
    }
    let (lengths, pages) = match scenario.entries {
        0 => (scenario.files.lengths(), 0),
        entries => (Vec::new(), entries.div_ceil(PAGE)),
    };
    let requests = standin.requests_for(&lengths).map_err(|error| failed(error.to_string()))?;
    if requests < pages {
        return Err(failed(format!("{requests} requests were made for {pages} pages")).into());
    }
    Ok((ended.sample, requests))
}

/// Peak memory of the process that does nothing, in MiB.
fn idle_peak(contender: Contender, job: &Job<'_>) -> Result<f64, Failure> {
    let job = Job { files: FileSet { count: 0, ..job.files }, ..*job };
    let mut peaks = Vec::new();
    for _ in 0..IDLE_RUNS {
        let ended = child::run(contender.command(&job)?)?;
        if !matches!(ended.status, 0 | 2) {
            let (title, status, output) = (contender.title(), ended.status, ended.output);
            return Err(format!("{title} does not start: exit status {status}\n{output}").into());
        }
        peaks.push(ended.sample.peak);
    }
    Ok(median(&peaks).unwrap_or_default())
}
