//! The results as a picture: bars, the shorter the better.

use std::fmt::Write as _;

use crate::child::Sample;
use crate::contender::Contender;
use crate::results::{Results, Table};

/// What the picture shows, in this order.
const SHOWN: [&str; 3] = ["plain", "tls", "small"];

const WIDTH: f64 = 760.0;
const LABELS: f64 = 190.0;
const LONGEST: f64 = WIDTH - LABELS - 90.0;
const LINE: f64 = 24.0;
const BAR: f64 = 16.0;
// Each is told from white and from near-black alike: pages show the picture on either, and not all of them tell it which.
const OURS: &str = "#2563eb";
const OTHERS: &str = "#8c959f";
const TEXT: &str = "#757b84";

/// The picture as SVG, readable on light and on dark ground.
pub fn svg(results: &Results) -> String {
    let mut body = String::new();
    let mut y = 8.0;
    for key in SHOWN {
        if let Some(table) = results.tables.iter().find(|table| table.scenario.key == key) {
            y = group(&mut body, table, y);
        }
    }
    let rounds = results.tables.iter().flat_map(|table| &table.rows).map(|row| row.samples.len()).max();
    let _ = writeln!(
        body,
        r#"<text x="0" y="{:.0}">Median of {} rounds, the shorter the better. PowerShell without its start and imports.</text>"#,
        y + 14.0,
        rounds.unwrap_or(0)
    );
    let height = y + LINE;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="Seconds that uploads take, by client" font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">
{body}</svg>
"#
    )
}

/// One scenario from `y` down; where the next one begins.
fn group(body: &mut String, table: &Table, mut y: f64) -> f64 {
    let rows: Vec<(&str, bool, f64)> = table
        .rows
        .iter()
        .filter(|row| row.contender != Contender::SocketsWhole)
        .filter_map(|row| {
            Some((row.contender.title(), row.contender.is_ours(), row.median(Sample::seconds)?))
        })
        .collect();
    let longest = rows.iter().map(|row| row.2).fold(f64::MIN_POSITIVE, f64::max);
    let _ = writeln!(
        body,
        r#"<text x="0" y="{:.0}" font-weight="600">{}{}, seconds</text>"#,
        y + 14.0,
        escaped(table.scenario.title),
        if table.scenario.is_quick { ", but much smaller" } else { "" }
    );
    y += LINE;
    for (title, ours, seconds) in rows {
        let length = (seconds / longest * LONGEST).max(1.0);
        let colour = if ours { OURS } else { OTHERS };
        let _ = writeln!(
            body,
            r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{}</text><rect x="{LABELS}" y="{y:.0}" width="{length:.1}" height="{BAR}" rx="2" fill="{colour}"/><text x="{:.1}" y="{:.0}">{seconds:.2}</text>"#,
            LABELS - 8.0,
            y + 13.0,
            escaped(title),
            LABELS + length + 6.0,
            y + 13.0,
        );
        y += LINE;
    }
    y + LINE / 2.0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::results;

    #[test]
    fn every_contender_has_a_bar_and_the_slowest_has_the_longest() {
        let svg = svg(&results());
        assert_eq!(svg.matches("<rect").count(), 4, "{svg}");
        assert_eq!(svg.matches(OURS).count(), 2, "{svg}");
        assert!(
            svg.contains(r##"width="480.0" height="16" rx="2" fill="#8c959f"/><text x="676.0""##),
            "{svg}"
        );
        assert!(svg.contains(">Median of 3 rounds, the shorter"), "{svg}");
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a<b&c"), "a&lt;b&amp;c");
    }
}
