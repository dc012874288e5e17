//! What was measured, and its form as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::child::Sample;
use crate::contender::Contender;
use crate::scenario::Scenario;
use crate::stats::{median, ratio, spread};

/// One contender's runs in one scenario, a sample a round.
pub struct Row {
    pub contender: Contender,
    pub samples: Vec<Sample>,
    /// Requests that the stand-in saw in one run.
    pub requests: usize,
}

/// One scenario's rows.
pub struct Table {
    pub scenario: Scenario,
    pub rows: Vec<Row>,
}

/// Everything.
#[derive(Default)]
pub struct Results {
    pub tables: Vec<Table>,
    /// Peak memory of each contender's process that does nothing, in MiB.
    pub idle: BTreeMap<Contender, f64>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
}

/// A figure of a sample.
pub type Figure = fn(&Sample) -> f64;

impl Row {
    pub fn figures(&self, figure: Figure) -> Vec<f64> {
        self.samples.iter().map(figure).collect()
    }

    pub fn median(&self, figure: Figure) -> Option<f64> {
        median(&self.figures(figure))
    }
}

impl Results {
    pub fn row(&self, scenario: &str, contender: Contender) -> Option<&Row> {
        let table = self.tables.iter().find(|table| table.scenario.key == scenario)?;
        table.rows.iter().find(|row| row.contender == contender)
    }

    /// One figure over another's, round by round. Rounds count only within one scenario.
    pub fn ratio(
        &self,
        scenario: &str,
        over: (Contender, Figure),
        under: (Contender, Figure),
    ) -> Option<f64> {
        let (above, below) = (self.row(scenario, over.0)?, self.row(scenario, under.0)?);
        ratio(&above.figures(over.1), &below.figures(under.1))
    }

    /// Peak memory over the idle process, in MiB.
    pub fn memory(&self, row: &Row) -> Option<f64> {
        Some(row.median(|sample| sample.peak)? - self.idle.get(&row.contender)?)
    }

    /// Every sample and what is made of them.
    pub fn to_json(&self) -> Value {
        let tables: Vec<Value> = self.tables.iter().map(|table| self.table_to_json(table)).collect();
        json!({ "scenarios": tables, "leftOut": self.left_out })
    }

    fn table_to_json(&self, table: &Table) -> Value {
        let scenario = &table.scenario;
        let rows: Vec<Value> = table.rows.iter().map(|row| self.row_to_json(row)).collect();
        json!({
            "scenario": scenario.key,
            "title": scenario.title,
            "files": scenario.files.count,
            "bytesEach": scenario.files.bytes,
            "chunkBytes": scenario.chunk,
            "parallel": scenario.parallel,
            "tls": scenario.tls,
            "delayMillis": scenario.delay_millis,
            "contenders": rows,
        })
    }

    fn row_to_json(&self, row: &Row) -> Value {
        let summary = |figure: Figure| {
            let values = row.figures(figure);
            let (least, most) = spread(&values).unwrap_or_default();
            json!({ "median": median(&values), "least": least, "most": most, "all": values })
        };
        json!({
            "contender": row.contender.key(),
            "requests": row.requests,
            "seconds": summary(Sample::seconds),
            "processSeconds": summary(|sample| sample.wall),
            "cpuSeconds": summary(|sample| sample.cpu),
            "peakMebibytes": summary(|sample| sample.peak),
            "idleMebibytes": self.idle.get(&row.contender),
        })
    }
}
