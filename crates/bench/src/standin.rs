//! The stand-in for Graph as a child process, in its sink mode.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::Failure;
use crate::control::ask;
use crate::places;

/// A running stand-in; it ends with this.
pub struct Standin {
    child: Child,
    control: String,
    /// Whether it holds anything from the start.
    has_entries: bool,
    /// Where it plays Graph.
    pub graph: String,
    /// The certificate to trust, over TLS.
    pub certificate: Option<PathBuf>,
}

impl Standin {
    /// Starts one; over TLS when there is a folder for its certificate. Every drive of it holds so many files in its root.
    pub fn start(tls: Option<&Path>, entries: usize) -> Result<Standin, Failure> {
        let mut command = Command::new(places::beside("graph-standin")?);
        command.arg("--sink").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(folder) = tls {
            command.arg("--tls").arg(folder);
        }
        if entries > 0 {
            let file = places::results()?.join("entries.json");
            let items: Vec<Value> =
                (0..entries).map(|n| json!({ "path": format!("/file {n:06}.bin"), "size": n })).collect();
            std::fs::write(&file, json!({ "drive": { "items": items } }).to_string())?;
            command.arg("--config").arg(file);
        }
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the stand-in has no output")?).read_line(&mut line)?;
        let addresses: Value =
            serde_json::from_str(&line).map_err(|_| "the stand-in ended before it listened")?;
        let address = |name: &str| {
            let told = addresses[name].as_str().map(str::to_owned);
            told.ok_or_else(|| format!("the stand-in names no address for '{name}': {line}"))
        };
        Ok(Standin {
            child,
            control: address("control")?,
            has_entries: entries > 0,
            graph: address("graph")?,
            certificate: tls.map(|folder| folder.join("cert.pem")),
        })
    }

    /// Whether it still answers. Where it does not, a contender's failure is none of its own.
    pub fn is_alive(&self) -> bool {
        ask(&self.control, "GET", "/violations", None).is_ok()
    }

    /// Forgets what was, and adds this to the time of every answer from now on.
    pub fn prepare(&self, delay_millis: u64) -> Result<(), Failure> {
        // What it holds it would have to make again; and nothing is sent to it.
        match self.has_entries {
            true => ask(&self.control, "DELETE", "/requests", None)?,
            false => ask(&self.control, "POST", "/reset", Some(&json!({})))?,
        };
        if delay_millis > 0 {
            let rule = json!({ "on": { "times": 0 }, "do": { "stallMillis": delay_millis } });
            ask(&self.control, "POST", "/faults", Some(&rule))?;
        }
        Ok(())
    }

    /// How many requests came. An error when what arrived is not exactly these lengths, or a rule was broken.
    pub fn requests_for(&self, lengths: &[u64]) -> Result<usize, Failure> {
        let files = ask(&self.control, "GET", "/files", None)?;
        let mut arrived: Vec<u64> =
            files.as_array().into_iter().flatten().filter_map(|file| file["size"].as_u64()).collect();
        let mut expected = lengths.to_vec();
        arrived.sort_unstable();
        expected.sort_unstable();
        if arrived != expected {
            let sum = |lengths: &[u64]| lengths.iter().sum::<u64>();
            return Err(format!(
                "{} files of {} bytes were sent, and {} of {} have arrived",
                expected.len(),
                sum(&expected),
                arrived.len(),
                sum(&arrived)
            )
            .into());
        }
        let violations = ask(&self.control, "GET", "/violations", None)?;
        if let Some(violation) = violations.get(0) {
            return Err(format!("a rule of the protocol was broken: {violation}").into());
        }
        let requests = ask(&self.control, "GET", "/requests", None)?;
        Ok(requests.as_array().map_or(0, Vec::len))
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
