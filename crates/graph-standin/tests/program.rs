//! The program, over real connections.

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_graph-standin"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        Self { child, ready: serde_json::from_str(&line).expect("JSON") }
    }

    fn connect(&self, listener: &str) -> TcpStream {
        let url = self.ready[listener].as_str().expect("a URL");
        let stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
        stream
    }

    /// One request on a connection of its own; everything that comes back.
    fn ask(&self, listener: &str, request: &str) -> std::io::Result<String> {
        let mut stream = self.connect(listener);
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    }

    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.ask("control", &request).expect("an answer");
        serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
    }

    fn create(&self) -> String {
        let request = "POST /v1.0/drives/d/root:/a.bin:/createUploadSession HTTP/1.1\r\nAuthorization: Bearer t\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
        let answer = self.ask("graph", request).expect("an answer");
        let body: Value =
            serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
        let url = body["uploadUrl"].as_str().expect("an upload URL");
        url.strip_prefix(self.ready["upload"].as_str().expect("a URL"))
            .expect("on the upload host")
            .to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Closing its stdin ends it.
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("it ends").success());
    }
}

fn put(target: &str) -> String {
    format!(
        "PUT {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: 3\r\nContent-Range: bytes 0-2/3\r\n\r\nabc"
    )
}

#[test]
fn an_upload_and_its_record() {
    let program = Program::start(&[]);
    let target = program.create();
    let answer = program.ask("upload", &put(&target)).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let files = program.control("GET", "/files", "");
    assert_eq!(files[0]["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(files[0]["quickXorHash"], "YRDDGAAAAAAAAAAAAwAAAAAAAAA=");
    let requests = program.control("GET", "/requests", "");
    assert_eq!((&requests[0]["body"], &requests[0]["status"]), (&"{}".into(), &200.into()));
    assert_eq!(requests[1]["target"], target.as_str());
    assert_eq!((&requests[1]["body"], &requests[1]["bodyBytes"]), (&Value::Null, &3.into()));
    assert_eq!(program.control("GET", "/violations", ""), Value::Array(vec![]));
}

#[test]
fn connections_break_as_scripted() {
    let program = Program::start(&[]);
    let target = program.create();
    for rule in [r#"{"reset":"before"}"#, r#"{"reset":"body","afterBytes":1}"#] {
        program.control("POST", "/faults", &format!(r#"{{"on":{{"route":"put"}},"do":{rule}}}"#));
        let error = program.ask("upload", &put(&target)).expect_err("a reset");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{rule}");
    }
    program.control("POST", "/faults", r#"{"on":{"route":"put"},"do":{"cutAnswer":true}}"#);
    let answer = program.ask("upload", &put(&target)).expect("half an answer");
    assert!(answer.starts_with("HTTP/1.1 201") && !answer.ends_with('}'), "{answer}");
    assert_eq!(program.control("GET", "/files", "")[0]["size"], 3);
    let statuses = program.control("GET", "/requests", "");
    assert_eq!(statuses[3]["status"], Value::Null);
    assert_eq!(program.control("GET", "/violations", ""), Value::Array(vec![]));
}

#[test]
fn a_client_that_breaks_off_stores_nothing() {
    let program = Program::start(&[]);
    let target = program.create();
    let mut stream = program.connect("upload");
    stream.write_all(&put(&target).as_bytes()[..put(&target).len() - 1]).expect("it writes");
    drop(stream);
    let answer = program.ask("upload", &put(&target)).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(program.control("GET", "/violations", ""), Value::Array(vec![]));
}

#[test]
fn keep_alive_chunks_and_nonsense() {
    let program = Program::start(&["--sink"]);
    let target = program.create();
    let mut stream = program.connect("upload");
    let status = format!("GET {target} HTTP/1.1\r\n\r\n");
    let chunked = format!(
        "PUT {target} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes 0-2/3\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    );
    stream.write_all(format!("{status}{chunked}{}", put(&target)).as_bytes()).expect("it writes");
    let mut all = String::new();
    stream.read_to_string(&mut all).expect("three answers");
    let statuses: Vec<&str> = all.match_indices("HTTP/1.1 ").map(|(at, _)| &all[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "411", "201"]);
    assert_eq!(program.control("GET", "/files", "")[0]["sha256"], Value::Null);
    let answer = program.ask("graph", "\u{1}\u{2}\r\n\r\n").expect("an answer");
    assert!(answer.contains("text/html"), "{answer}");
}
