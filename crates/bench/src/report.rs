//! The results as text.

use std::fmt::Write as _;

use crate::bounds::Judged;
use crate::child::Sample;
use crate::results::{Figure, Results, Row, Table};
use crate::stats::spread;

/// One scenario's table.
pub fn table(table: &Table, results: &Results) -> String {
    let scenario = &table.scenario;
    let rounds = table.rows.iter().map(|row| row.samples.len()).max().unwrap_or(0);
    let size = if scenario.is_quick && scenario.files.count > 0 { ", but much smaller" } else { "" };
    let mut text =
        format!("\n{}{size} ({}; median of {rounds}, least and most)\n", scenario.title, scenario.key);
    let _ = writeln!(
        text,
        "{:<30} {:>23} {:>23} {:>8} {:>9} {:>8} {:>9}",
        "", "own clock, s", "process, s", "CPU, s", "over idle", "requests", "x sockets"
    );
    for row in &table.rows {
        let own = if row.samples.iter().any(|sample| sample.inside.is_some()) {
            seconds(row, Sample::seconds)
        } else {
            "-".into()
        };
        let over = results.ratio(
            scenario.key,
            (row.contender, Sample::seconds),
            (crate::contender::Contender::Sockets, Sample::seconds),
        );
        let _ = writeln!(
            text,
            "{:<30} {own:>23} {:>23} {:>8} {:>9} {:>8} {:>9}",
            row.contender.title(),
            seconds(row, |sample| sample.wall),
            number(row.median(|sample| sample.cpu), 3),
            results.memory(row).map_or_else(|| "-".into(), |memory| format!("{memory:.1} MiB")),
            row.requests,
            number(over, 2),
        );
    }
    text
}

/// Every bound, and whether it is met.
pub fn bounds(judged: &[Judged], results: &Results) -> String {
    let mut text = String::from(if judged.is_empty() { "\n" } else { "\nbounds\n" });
    for Judged { bound, value, met } in judged {
        let verdict = match met {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None if value.is_some() => "not judged",
            None => "not measured",
        };
        let most = bound.most.map_or_else(String::new, |most| format!("of {most:>6.2}"));
        let _ = writeln!(
            text,
            "{:<74} {:>9} {most:<9} {:<3} {verdict}",
            bound.name,
            number(*value, 2),
            bound.unit
        );
    }
    for what in &results.left_out {
        let _ = writeln!(text, "left out: {what}");
    }
    text
}

fn seconds(row: &Row, figure: Figure) -> String {
    let values = row.figures(figure);
    match (row.median(figure), spread(&values)) {
        (Some(median), Some((least, most))) => format!("{median:.3} ({least:.3}-{most:.3})"),
        _ => "-".into(),
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::bounds::judge;
    use crate::contender::Contender::{self, *};
    use crate::scenario::SCENARIOS;

    fn row(contender: Contender, walls: &[f64], inside: Option<f64>) -> Row {
        let sample = |wall: &f64| Sample { wall: *wall, cpu: wall / 2.0, peak: 20.0, inside };
        Row { contender, samples: walls.iter().map(sample).collect(), requests: 104 }
    }

    /// Made-up results of one scenario.
    pub fn results() -> Results {
        let rows = vec![
            row(Sockets, &[0.2, 0.25, 0.2], None),
            row(SocketsWhole, &[0.6, 1.0, 0.8], None),
            row(Example, &[0.3, 0.5, 0.4], None),
            row(Module, &[0.8], Some(0.4)),
            row(InvokeRestMethod, &[2.5], Some(2.0)),
        ];
        Results {
            tables: vec![Table { scenario: SCENARIOS[0], rows }],
            idle: [(Example, 12.0)].into(),
            left_out: vec!["the moon".into()],
        }
    }

    #[test]
    fn a_table_has_a_line_a_contender() {
        let results = results();
        let text = table(&results.tables[0], &results);
        let line = text.lines().find(|line| line.starts_with("MgUpload from C")).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            words[3..],
            ["-", "0.400", "(0.300-0.500)", "0.200", "8.0", "MiB", "104", "2.00"],
            "{line}"
        );
        assert!(text.contains("0.400 (0.400-0.400)"), "{text}");
    }

    #[test]
    fn a_bound_that_is_missed_is_said_to_be() {
        let results = results();
        let text = bounds(&judge(&results), &results);
        let line = text.lines().find(|line| line.starts_with("1 GiB plain, from C")).unwrap();
        assert!(line.ends_with("2.00 of   1.08 x   NOT MET"), "{line}");
        assert!(text.ends_with("left out: the moon\n"), "{text}");
        let line = text.lines().find(|line| line.contains("10 GiB, from C")).unwrap();
        assert!(line.ends_with("- of  16.00 MiB not measured"), "{line}");
    }
}
