//! The counts to compare with: `baseline.json`, and what it was made with.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::Failure;
use crate::places;

/// How much more than the baseline is still taken for noise.
const MARGIN: f64 = 0.10;

/// What counting one thing has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    AsBefore,
    TooMany,
    Fewer,
    NoBaseline,
    /// The baseline was made with other tools.
    NotCompared,
}

impl Verdict {
    pub fn words(self) -> &'static str {
        match self {
            Verdict::AsBefore => "as before",
            Verdict::TooMany => "TOO MANY",
            Verdict::Fewer => "fewer: take it as the baseline (--update)",
            Verdict::NoBaseline => "no baseline: make one (--update)",
            Verdict::NotCompared => "not compared",
        }
    }

    /// Whether the check fails. What has no baseline cannot be checked, and that must not pass for a check.
    pub fn is_failure(self) -> bool {
        matches!(self, Verdict::TooMany | Verdict::NoBaseline)
    }
}

/// Counts by key, and the tools that they are of.
pub struct Baseline {
    file: PathBuf,
    content: Value,
}

impl Baseline {
    pub fn read() -> Result<Baseline, Failure> {
        let file = places::root().join("crates/bench/baseline.json");
        let content = match std::fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({}),
            Err(error) => return Err(error.into()),
        };
        Ok(Baseline { file, content })
    }

    /// Why counts made with `tools` say nothing beside these; `None` where they do.
    pub fn foreign_to(&self, tools: &str) -> Option<String> {
        let own = self.content["madeWith"].as_str()?;
        (own != tools).then(|| format!("the baseline was made with {own}, and here is {tools}"))
    }

    pub fn count(&self, key: &str) -> Option<f64> {
        self.content[key].as_f64().filter(|count| *count > 0.0)
    }

    /// The change in per cent, and what to say about it.
    pub fn verdict(&self, key: &str, now: f64, comparable: bool) -> (String, Verdict) {
        if !comparable {
            return ("-".into(), Verdict::NotCompared);
        }
        let Some(before) = self.count(key) else { return ("-".into(), Verdict::NoBaseline) };
        let change = now / before - 1.0;
        let verdict = if change > MARGIN {
            Verdict::TooMany
        } else if change < -MARGIN {
            Verdict::Fewer
        } else {
            Verdict::AsBefore
        };
        (format!("{:+.1} %", change * 100.0), verdict)
    }

    /// Puts other counts in the place of these.
    pub fn replace(&self, tools: &str, mut counts: Value) -> Result<(), Failure> {
        counts["madeWith"] = tools.into();
        std::fs::write(&self.file, format!("{counts:#}\n"))?;
        println!("written: {}", self.file.display());
        Ok(())
    }
}

/// The compiler, the machine that it compiles for, and valgrind, which decides what processor the counted program sees. An
/// error where there is no valgrind.
pub fn tools() -> Result<String, Failure> {
    let said = |program: &str, argument: &str| -> Option<String> {
        let output =
            Command::new(program).arg(argument).output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let valgrind = said("valgrind", "--version")
        .ok_or("instructions are counted by valgrind, and there is none on PATH")?;
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let rustc = said(&rustc, "-vV").ok_or("there is no rustc to ask for its version")?;
    named(&rustc, &valgrind).ok_or_else(|| "rustc does not tell its version".into())
}

/// All three in words, from `rustc -vV` and `valgrind --version`.
fn named(rustc: &str, valgrind: &str) -> Option<String> {
    let version = rustc.lines().next()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(format!("{version} for {host}, {}", valgrind.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        Baseline { file: PathBuf::new(), content: json!({ "madeWith": "rustc 1", "one": 100 }) }
    }

    #[test]
    fn a_margin_is_left() {
        for (key, now, change, verdict) in [
            ("one", 109.0, "+9.0 %", Verdict::AsBefore),
            ("one", 111.0, "+11.0 %", Verdict::TooMany),
            ("one", 91.0, "-9.0 %", Verdict::AsBefore),
            ("one", 80.0, "-20.0 %", Verdict::Fewer),
            ("other", 80.0, "-", Verdict::NoBaseline),
        ] {
            assert_eq!(baseline().verdict(key, now, true), (change.into(), verdict), "{key} {now}");
        }
        assert_eq!(baseline().verdict("one", 500.0, false), ("-".into(), Verdict::NotCompared));
    }

    #[test]
    fn too_many_and_nothing_to_compare_with_fail() {
        use Verdict::*;
        let failures = [AsBefore, TooMany, Fewer, NoBaseline, NotCompared].map(Verdict::is_failure);
        assert_eq!(failures, [false, true, false, true, false]);
    }

    #[test]
    fn other_tools_make_other_counts() {
        assert_eq!(baseline().foreign_to("rustc 1"), None);
        let why = baseline().foreign_to("rustc 2").unwrap();
        assert_eq!(why, "the baseline was made with rustc 1, and here is rustc 2");
        assert_eq!(Baseline { content: json!({}), ..baseline() }.foreign_to("rustc 2"), None);
    }

    #[test]
    fn tools_are_told_apart_by_version_and_machine() {
        let rustc = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\n";
        let named = named(rustc, "valgrind-3.19.0\n").unwrap();
        assert_eq!(
            named,
            "rustc 1.95.0 (59807616e 2026-04-14) for x86_64-unknown-linux-gnu, valgrind-3.19.0"
        );
    }
}
