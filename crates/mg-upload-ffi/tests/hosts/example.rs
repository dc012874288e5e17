//! `examples/upload.c`, which others copy, as a process of its own against every fault of the stand-in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::compiled::compile;
use super::standin::Standin;

/// Graph's step; the smallest fragment.
const STEP: usize = 320 * 1024;

fn upload(graph: &str, state: &Path, chunk: usize, file: &Path) -> Output {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| compile("../../examples/upload.c"));
    Command::new("timeout")
        .arg("90")
        .arg(program)
        .args(["--graph", graph, "--token", "t", "--user", "u", "--drive", "d", "--quiet"])
        .args(["--chunk", &chunk.to_string()])
        .arg(file)
        .env("MGUPLOAD_STATE", state)
        .output()
        .unwrap()
}

/// Name, action, how often it plays, and the status that the program then tells; 0: the file arrives.
fn catalogue() -> Vec<(&'static str, Value, u64, i32)> {
    let answer = |status: u16, headers: Value| json!({"answer": {"status": status, "headers": headers}});
    let coded = |status: u16, code: &str, inner: &str| json!({"answer": {"status": status, "code": code, "inner": inner}});
    let body = |body: &str, stored: bool| json!({"answer": {"status": 200, "body": body}, "stored": stored});
    vec![
        ("reset before the body", json!({"reset": "before"}), 1, 0),
        ("reset before the body, twice", json!({"reset": "before"}), 2, 0),
        ("reset in the body", json!({"reset": "body", "afterBytes": 100_000}), 1, 0),
        ("reset after storing", json!({"reset": "after-store"}), 1, 0),
        ("answer cut in half", json!({"cutAnswer": true}), 1, 0),
        ("a late answer", json!({"stallMillis": 1500}), 1, 0),
        ("closed after the answer", json!({"close": true}), 1, 0),
        ("100 Continue", json!({"continue": true}), 1, 0),
        ("redirect", json!({"redirect": 307}), 1, 0),
        ("redirect 308", json!({"redirect": 308}), 1, 0),
        ("a low budget", json!({"headers": {"RateLimit-Remaining": "1", "RateLimit-Reset": "2"}}), 1, 0),
        ("408", answer(408, json!({})), 1, 0),
        ("429", answer(429, json!({"Retry-After": "1"})), 2, 0),
        ("429 with a date", answer(429, json!({"Retry-After": "date+1"})), 1, 0),
        ("500", answer(500, json!({})), 1, 0),
        ("502", answer(502, json!({})), 1, 0),
        ("503", answer(503, json!({"Retry-After": "1"})), 1, 0),
        ("503, stored", json!({"answer": {"status": 503}, "stored": true}), 1, 0),
        ("504", answer(504, json!({})), 1, 0),
        ("504, stored", json!({"answer": {"status": 504}, "stored": true}), 1, 0),
        ("509", answer(509, json!({})), 1, 0),
        ("404 once", coded(404, "itemNotFound", "uploadSessionNotFound"), 1, 0),
        ("401 expiredToken", coded(401, "unauthenticated", "expiredToken"), 1, 0),
        ("403", coded(403, "accessDenied", "accessRestricted"), 1, 201),
        ("409", coded(409, "nameAlreadyExists", ""), 1, 203),
        ("412", coded(412, "preconditionFailed", "entityTagDoesNotMatch"), 1, 203),
        ("413", coded(413, "invalidRequest", "maxFragmentLengthExceeded"), 1, 100),
        ("416 spurious", coded(416, "invalidRange", "fragmentOutOfOrder"), 1, 0),
        ("423", coded(423, "notAllowed", "resourceLocked"), 1, 0),
        ("507", coded(507, "quotaLimitReached", ""), 1, 208),
        ("HTML", body("<html>proxy</html>", false), 1, 0),
        ("HTML, stored", body("<html>proxy</html>", true), 1, 0),
        ("an empty 200", answer(200, json!({})), 1, 0),
        ("JSON cut short", json!({"answer": {"status": 202, "body": "{\"nextExp"}, "stored": true}), 1, 0),
    ]
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_example_survives_every_fault_and_ends_as_it_should() {
    let rows = catalogue();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let content: Vec<u8> = (0..2 * STEP + 7).map(|at| (at % 251) as u8).collect();
    let work = || {
        let (standin, folder) = (Standin::start(), tempfile::tempdir().unwrap());
        let file = folder.path().join("a.bin");
        std::fs::write(&file, &content).unwrap();
        while let Some((name, action, times, expected)) = rows.get(next.fetch_add(1, Ordering::SeqCst)) {
            standin.control("POST", "/reset", &Value::Null);
            let rule = json!({"on": {"route": "put", "part": "middle", "times": times}, "do": action});
            standin.control("POST", "/faults", &json!([rule]));
            let output = upload(&standin.graph, &folder.path().join("state"), STEP, &file);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            let status = told
                .rsplit_once("(status ")
                .and_then(|(_, end)| end.trim().trim_end_matches(')').parse().ok());
            let ended = match output.status.code() {
                Some(0) if standin.stored(&file) == Some(hash(&content)) => Some(0),
                Some(1) => status,
                _ => None,
            };
            let played = standin.control("GET", "/faults", &Value::Null)[0]["fired"] == *times;
            let violations = standin.control("GET", "/violations", &Value::Null);
            if ended != Some(*expected) || !played || violations != json!([]) {
                let row = format!("{name}: {} {told} played: {played} {violations}", output.status);
                wrong.lock().unwrap().push(row);
            }
        }
    };
    std::thread::scope(|scope| (0..6).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// A service that closes in the middle of the second fragment, with bytes still to come: first the end of what it says,
/// then a reset. Who writes on is told by EPIPE, and by SIGPIPE where that is not held off.
fn closing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, closed) = (url.clone(), Arc::new(AtomicBool::new(false)));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (url, closed) = (told.clone(), Arc::clone(&closed));
            std::thread::spawn(move || serve(&stream, &url, &closed));
        }
    });
    url
}

fn serve(stream: &TcpStream, url: &str, closed: &AtomicBool) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length, mut first) = (String::new(), 0, String::new());
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        for line in head.to_lowercase().lines() {
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            if let Some(range) = line.strip_prefix("content-range: bytes ") {
                first = range.split('-').next().unwrap().to_owned();
            }
        }
        let second = !matches!(first.as_str(), "" | "0");
        if second && !closed.swap(true, Ordering::SeqCst) {
            reader.read_exact(&mut [0; 100_000]).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            return;
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink()).unwrap();
        let body = match head.split(' ').next() {
            Some("POST") => format!(r#"{{"uploadUrl":"{url}/up","nextExpectedRanges":["0-"]}}"#),
            Some("PUT") if second => r#"{"id":"1","name":"a.bin"}"#.into(),
            _ => format!(r#"{{"nextExpectedRanges":["{}-"]}}"#, 32 * STEP),
        };
        let status = if head.starts_with("PUT") && !second { 202 } else { 200 };
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_connection_that_is_cut_while_it_is_written_to_ends_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin");
    std::fs::File::create(&file).unwrap().set_len((64 * STEP) as u64).unwrap();
    for _ in 0..6 {
        let output = upload(&closing(), &folder.path().join("state"), 32 * STEP, &file);
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
}

/// `tests/c/alone.c` is written from the header alone; where valgrind is there, it watches.
#[test]
fn a_program_that_knows_the_header_alone_does_everything() {
    let (standin, folder) = (Standin::start(), tempfile::tempdir().unwrap());
    let file = folder.path().join("a.bin");
    std::fs::write(&file, vec![7; 2 * STEP + 7]).unwrap();
    let program = compile("tests/c/alone.c");
    let watched = Command::new("valgrind").arg("--version").output().is_ok();
    let mut command = Command::new(if watched { Path::new("valgrind") } else { &program });
    if watched {
        command.args(["--quiet", "--error-exitcode=99", "--fair-sched=yes"]).arg(&program);
    }
    let output =
        command.args([standin.graph.as_ref(), file.as_os_str()]).arg(folder.path().join("state")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    assert_eq!(standin.control("GET", "/violations", &Value::Null), json!([]));
}
