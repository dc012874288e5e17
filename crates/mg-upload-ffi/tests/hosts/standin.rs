//! The stand-in as a process of its own, beside the program under test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Ends with its stdin, which closes when this is dropped.
pub struct Standin {
    process: Child,
    pub graph: String,
    control: String,
}

/// Cargo builds programs of the package under test only; this one is fresh after a moment as a rule.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        // The project's cargo knows where the crates are; its path is the real one, for the workspace may be a folder of links.
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/cargo.sh");
        let mut cargo = Command::new(script.canonicalize().unwrap());
        cargo.args(["build", "--quiet", "--package", "graph-standin", "--target-dir"]);
        cargo.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
        profile.join(format!("graph-standin{}", std::env::consts::EXE_SUFFIX))
    };
    PROGRAM.get_or_init(build).clone()
}

impl Standin {
    pub fn start() -> Standin {
        let mut command = Command::new(program());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = |name: &str| ready[name].as_str().unwrap().to_owned();
        Standin { process, graph: url("graph"), control: url("control").replace("http://", "") }
    }

    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(&self.control).unwrap();
        let body = body.to_string();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or(Value::Null)
    }

    /// The hash of what was stored under this name.
    pub fn stored(&self, name: &Path) -> Option<String> {
        let files = self.control("GET", "/files", &Value::Null);
        let name = name.file_name().unwrap().to_str().unwrap();
        let file = files.as_array()?.iter().find(|file| file["name"] == name)?;
        file["sha256"].as_str().map(str::to_owned)
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
