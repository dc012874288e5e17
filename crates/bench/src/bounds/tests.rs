use super::*;
use crate::report::tests::results;
use crate::results::{Row, Table};
use crate::scenario::{SCENARIOS, Scenario};

fn met(results: &Results, name: &str) -> Option<bool> {
    judge(results).iter().find(|one| one.bound.name.contains(name)).expect(name).met
}

#[test]
fn a_bound_is_met_missed_or_open() {
    let results = results();
    assert_eq!(met(&results, "1 GiB plain, from C"), Some(false));
    assert_eq!(met(&results, "module over Invoke-RestMethod loop"), Some(true));
    assert_eq!(met(&results, "over TLS, from C"), None);
}

/// The issue's table, line by line.
#[test]
fn what_the_issue_demands_is_judged() {
    let demanded: Vec<(&str, f64)> =
        BOUNDS.iter().filter_map(|bound| Some((bound.name, bound.most?))).collect();
    for (part, most) in [
        ("1 GiB plain, from C, over bare sockets", 1.08),
        ("1 GiB in 60 MiB chunks, from C, over bare sockets", 1.08),
        ("60 MiB chunks, from C: memory", 2.0),
        ("over TLS, from C, over bare sockets: wall", 0.92),
        ("over TLS, from C, over bare sockets: CPU", 0.92),
        ("256 MiB with 20 ms latency", 1.02),
        ("plain, module in process over C", 1.10),
        ("plain, module over Invoke-RestMethod", 0.25),
        ("TLS, module over Invoke-RestMethod", 0.25),
        ("200 x 1 MiB, module over Invoke-RestMethod", 0.25),
        ("200 x 1 MiB four at a time, from C", 1.15),
        ("tree of 200 x 1 MiB one at a time", 1.15),
        ("tree of 1,000 x 100 KiB, from C", 1.3),
        ("tree of 1,000 x 100 KiB with 20 ms latency, from C", 1.3),
        ("tree of 200 x 1 MiB, from C", 1.3),
        ("tree of 200 x 1 MiB with 20 ms latency, from C", 1.3),
        ("tree of 1,000 x 100 KiB, Send-MgUploadItem", 0.25),
        ("tree of 200 x 1 MiB, Send-MgUploadItem", 0.25),
        ("100,000 entries at the destination", 1.2),
        ("over idle, tree of 100,000", 64.0),
        ("100,000 against 10,000", 2.0),
        ("over idle, 1 GiB", 16.0),
        ("over idle, 10 GiB", 16.0),
        ("10 GiB against 1 GiB", 2.0),
        ("Import-Module", 60.0),
    ] {
        let found: Vec<f64> =
            demanded.iter().filter(|(name, _)| name.contains(part)).map(|(_, most)| *most).collect();
        assert_eq!(found, [most], "{part}");
    }
    assert_eq!(demanded.len(), 25);
}

/// Every scenario with other figures, so that a bound which takes the wrong ones has another value.
#[test]
fn each_bound_takes_its_own_figures() {
    let seconds = |scenario: usize, contender| (scenario * 10 + contender as usize + 1) as f64;
    let sample = |scenario: usize, contender: Contender| {
        let wall = seconds(scenario, contender);
        let inside = contender.needs_pwsh().then_some(wall / 2.0);
        Sample { wall, cpu: wall * wall, peak: (100 + scenario * scenario) as f64, inside }
    };
    let table = |(index, scenario): (usize, &Scenario)| Table {
        scenario: *scenario,
        rows: scenario
            .contenders
            .iter()
            .map(|one| Row { contender: *one, samples: vec![sample(index, *one)], requests: 27 })
            .collect(),
    };
    let tables = SCENARIOS.iter().enumerate().map(table).collect();
    let results = Results { tables, idle: [(Example, 90.0), (Tree, 90.0)].into(), left_out: Vec::new() };
    let at = |key: &str| SCENARIOS.iter().position(|scenario| scenario.key == key).unwrap();
    let wall = |key, contender| seconds(at(key), contender);
    let own = |key, contender| wall(key, contender) / 2.0;
    let memory = |key| 10.0 + (at(key) * at(key)) as f64;
    let expected = [
        wall("plain", Example) / wall("plain", Sockets),
        wall("large-chunks", Example) / wall("large-chunks", Sockets),
        memory("large-chunks") - memory("plain"),
        wall("tls", Example) / wall("tls", Sockets),
        (wall("tls", Example) / wall("tls", Sockets)).powi(2),
        wall("tls", Example) / wall("tls", SocketsWhole),
        (wall("tls", Example) / wall("tls", SocketsWhole)).powi(2),
        wall("latency", Example) / (27.0 * 0.020 + wall("quarter", Example)),
        own("plain", Module) / wall("plain", Example),
        own("plain", Module) / own("plain", InvokeRestMethod),
        own("tls", Module) / own("tls", InvokeRestMethod),
        own("small", Module) / own("small", InvokeRestMethod),
        wall("small-4", Example) / wall("small-4", Sockets),
        wall("small", Tree) / wall("small", Sockets),
        wall("tree", Tree) / wall("tree", Sockets),
        wall("tree-latency", Tree) / wall("tree-latency", Sockets),
        wall("tree-larger", Tree) / wall("tree-larger", Sockets),
        wall("tree-larger-latency", Tree) / wall("tree-larger-latency", Sockets),
        own("tree", ModuleTree) / own("tree", InvokeRestMethodParallel),
        own("tree-larger", ModuleTree) / own("tree-larger", InvokeRestMethodParallel),
        wall("listing", Tree) / wall("listing", Sockets),
        memory("tree-100000"),
        memory("tree-100000") - memory("tree-10000"),
        memory("plain"),
        memory("huge"),
        memory("huge") - memory("plain"),
        (own("import", ImportModule) - own("import", ImportEmpty)) * 1000.0,
    ];
    let judged = judge(&results);
    assert_eq!(judged.len(), expected.len());
    for (judged, expected) in judged.iter().zip(expected) {
        let value = judged.value.unwrap_or(f64::NAN);
        assert!((value - expected).abs() < 1e-9, "{}: {value}, not {expected}", judged.bound.name);
    }
}

#[test]
fn what_is_only_shown_is_neither_met_nor_missed() {
    let mut results = results();
    results.tables[0].scenario.key = "tls";
    let judged = judge(&results);
    let shown = judged.iter().find(|one| one.bound.name.contains("a chunk at once: wall")).unwrap();
    assert_eq!((shown.value, shown.met), (Some(0.5), None));
    assert_eq!(met(&results, "over TLS, from C"), Some(false));
}
