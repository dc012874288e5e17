//! What issues 6 and 15 demand, and whether it holds.

use serde_json::{Value, json};

use crate::child::Sample;
use crate::contender::Contender::{
    self, Example, ImportEmpty, ImportModule, InvokeRestMethod, InvokeRestMethodParallel, Module, ModuleTree,
    Sockets, SocketsWhole, Tree,
};
use crate::results::{Figure, Results};

const WALL: Figure = |sample| sample.wall;
const CPU: Figure = |sample| sample.cpu;
const OWN: Figure = Sample::seconds;

/// One demand: a figure, and the most that it may be; without that it is shown and not judged.
pub struct Bound {
    pub name: &'static str,
    pub most: Option<f64>,
    pub unit: &'static str,
    value: fn(&Results) -> Option<f64>,
}

/// A demand beside what was measured; neither met nor missed where that is nothing, or nothing is demanded.
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
    Bound { name, most: Some(most), unit, value }
}

const fn shown(name: &'static str, unit: &'static str, value: fn(&Results) -> Option<f64>) -> Bound {
    Bound { name, most: None, unit, value }
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
    shown("1 GiB over TLS, from C, over the same with a chunk at once: wall", "x", |results| {
        results.ratio("tls", (Example, WALL), (SocketsWhole, WALL))
    }),
    shown("1 GiB over TLS, from C, over the same with a chunk at once: CPU", "x", |results| {
        results.ratio("tls", (Example, CPU), (SocketsWhole, CPU))
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
    bound("tree of 200 x 1 MiB one at a time, from C, over bare sockets: wall", 1.15, "x", |results| {
        results.ratio("small", (Tree, WALL), (Sockets, WALL))
    }),
    bound("tree of 1,000 x 100 KiB, from C, over bare sockets: wall", 1.3, "x", |results| {
        results.ratio("tree", (Tree, WALL), (Sockets, WALL))
    }),
    bound(
        "tree of 1,000 x 100 KiB with 20 ms latency, from C, over bare sockets: wall",
        1.3,
        "x",
        |results| results.ratio("tree-latency", (Tree, WALL), (Sockets, WALL)),
    ),
    bound("tree of 200 x 1 MiB, from C, over bare sockets: wall", 1.3, "x", |results| {
        results.ratio("tree-larger", (Tree, WALL), (Sockets, WALL))
    }),
    bound("tree of 200 x 1 MiB with 20 ms latency, from C, over bare sockets: wall", 1.3, "x", |results| {
        results.ratio("tree-larger-latency", (Tree, WALL), (Sockets, WALL))
    }),
    bound(
        "tree of 1,000 x 100 KiB, Send-MgUploadItem over a parallel loop, in process",
        0.25,
        "x",
        |results| results.ratio("tree", (ModuleTree, OWN), (InvokeRestMethodParallel, OWN)),
    ),
    bound("tree of 200 x 1 MiB, Send-MgUploadItem over a parallel loop, in process", 0.25, "x", |results| {
        results.ratio("tree-larger", (ModuleTree, OWN), (InvokeRestMethodParallel, OWN))
    }),
    bound(
        "100,000 entries at the destination, dry run from C, over a bare loop: wall",
        1.2,
        "x",
        |results| results.ratio("listing", (Tree, WALL), (Sockets, WALL)),
    ),
    bound("peak memory over idle, tree of 100,000 files, from C", 64.0, "MiB", |results| {
        memory_of(results, "tree-100000", Tree)
    }),
    bound("peak memory, tree of 100,000 against 10,000 files, from C: difference", 2.0, "MiB", |results| {
        let of = |scenario| memory_of(results, scenario, Tree);
        Some(of("tree-100000")? - of("tree-10000")?)
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
    memory_of(results, scenario, Example)
}

fn memory_of(results: &Results, scenario: &str, contender: Contender) -> Option<f64> {
    results.memory(results.row(scenario, contender)?)
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
            let met = value.zip(bound.most).map(|(value, most)| value <= most);
            Judged { bound, value, met }
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
mod tests;
