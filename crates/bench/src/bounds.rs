//! What issue 6 demands, and whether it holds.

use serde_json::{Value, json};

use crate::child::Sample;
use crate::contender::Contender::{Example, ImportEmpty, ImportModule, InvokeRestMethod, Module, Sockets};
use crate::results::{Figure, Results};

const WALL: Figure = |sample| sample.wall;
const CPU: Figure = |sample| sample.cpu;
const OWN: Figure = Sample::seconds;

/// One demand: a figure, and the most that it may be.
pub struct Bound {
    pub name: &'static str,
    pub most: f64,
    pub unit: &'static str,
    value: fn(&Results) -> Option<f64>,
}

/// A demand beside what was measured; neither met nor missed where that is nothing.
pub struct Judged {
    pub bound: &'static Bound,
    pub value: Option<f64>,
    pub met: Option<bool>,
}

const fn bound(
    name: &'static str,
    most: f64,
    unit: &'static str,
    value: fn(&Results) -> Option<f64>,
) -> Bound {
    Bound { name, most, unit, value }
}

/// INVARIANT: these are the figures. A bound that cannot be met is reported as such, not changed.
pub const BOUNDS: &[Bound] = &[
    bound("1 GiB plain, from C, over bare sockets: wall", 1.08, "x", |results| {
        results.ratio("plain", (Example, WALL), (Sockets, WALL))
    }),
    bound("1 GiB in 60 MiB chunks, from C, over bare sockets: wall", 1.08, "x", |results| {
        results.ratio("large-chunks", (Example, WALL), (Sockets, WALL))
    }),
    bound("1 GiB in 60 MiB chunks, from C: memory beyond that with 10 MiB chunks", 2.0, "MiB", |results| {
        Some(memory(results, "large-chunks")? - memory(results, "plain")?)
    }),
    bound("1 GiB over TLS, from C, over bare sockets: wall", 0.92, "x", |results| {
        results.ratio("tls", (Example, WALL), (Sockets, WALL))
    }),
    bound("1 GiB over TLS, from C, over bare sockets: CPU", 0.92, "x", |results| {
        results.ratio("tls", (Example, CPU), (Sockets, CPU))
    }),
    bound("256 MiB with 20 ms latency, from C, over requests x 20 ms + plain", 1.02, "x", |results| {
        over_latency(results)
    }),
    bound("1 GiB plain, module in process over C", 1.10, "x", |results| {
        results.ratio("plain", (Module, OWN), (Example, WALL))
    }),
    bound("1 GiB plain, module over Invoke-RestMethod loop, in process", 0.25, "x", |results| {
        results.ratio("plain", (Module, OWN), (InvokeRestMethod, OWN))
    }),
    bound("1 GiB over TLS, module over Invoke-RestMethod loop, in process", 0.25, "x", |results| {
        results.ratio("tls", (Module, OWN), (InvokeRestMethod, OWN))
    }),
    bound("200 x 1 MiB, module over Invoke-RestMethod loop, in process", 0.25, "x", |results| {
        results.ratio("small", (Module, OWN), (InvokeRestMethod, OWN))
    }),
    bound("200 x 1 MiB four at a time, from C, over bare sockets: wall", 1.15, "x", |results| {
        results.ratio("small-4", (Example, WALL), (Sockets, WALL))
    }),
    bound("peak memory over idle, 1 GiB, from C", 16.0, "MiB", |results| memory(results, "plain")),
    bound("peak memory over idle, 10 GiB, from C", 16.0, "MiB", |results| memory(results, "huge")),
    bound("peak memory, 10 GiB against 1 GiB, from C: difference", 2.0, "MiB", |results| {
        Some((memory(results, "huge")? - memory(results, "plain")?).abs())
    }),
    bound("Import-Module over that of an empty binary module", 60.0, "ms", |results| {
        let seconds = |contender| results.row("import", contender)?.median(OWN);
        Some((seconds(ImportModule)? - seconds(ImportEmpty)?) * 1000.0)
    }),
];

fn memory(results: &Results, scenario: &str) -> Option<f64> {
    results.memory(results.row(scenario, Example)?)
}

fn over_latency(results: &Results) -> Option<f64> {
    let table = results.tables.iter().find(|table| table.scenario.key == "latency")?;
    let row = results.row("latency", Example)?;
    let waits = row.requests as f64 * table.scenario.delay_millis as f64 / 1000.0;
    Some(row.median(WALL)? / (waits + results.row("quarter", Example)?.median(WALL)?))
}

/// Holds the results against every bound.
pub fn judge(results: &Results) -> Vec<Judged> {
    BOUNDS
        .iter()
        .map(|bound| {
            let value = (bound.value)(results);
            Judged { bound, value, met: value.map(|value| value <= bound.most) }
        })
        .collect()
}

impl Judged {
    pub fn to_json(&self) -> Value {
        let Judged { bound, value, met } = self;
        json!({ "bound": bound.name, "most": bound.most, "unit": bound.unit, "measured": value, "met": met })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::results;

    #[test]
    fn a_bound_is_met_missed_or_open() {
        let judged = judge(&results());
        let met = |name: &str| judged.iter().find(|one| one.bound.name.contains(name)).unwrap().met;
        assert_eq!(met("1 GiB plain, from C"), Some(false));
        assert_eq!(met("module over Invoke-RestMethod loop"), Some(true));
        assert_eq!(met("over TLS, from C"), None);
    }
}
