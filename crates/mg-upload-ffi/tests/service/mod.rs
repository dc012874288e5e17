//! The least service that the exports can be called against: a thread, a socket, a few answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Service {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

enum Manner {
    /// As Graph does.
    Graph,
    /// Takes everything and says nothing.
    Silent,
    /// Takes the head of a request, and not a byte more.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux tells which files are open"))]
    Deaf,
    /// Always the same.
    Always(&'static str),
}

impl Service {
    pub fn start() -> Service {
        Service::run(Manner::Graph)
    }

    pub fn start_silent() -> Service {
        Service::run(Manner::Silent)
    }

    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux tells which files are open"))]
    pub fn start_deaf() -> Service {
        Service::run(Manner::Deaf)
    }

    pub fn start_answering(answer: &'static str) -> Service {
        Service::run(Manner::Always(answer))
    }

    /// The methods of the requests that carried a token.
    pub fn authorized(&self) -> Vec<String> {
        let method = |head: &String| head.split(' ').next().unwrap().to_uppercase();
        self.heads().iter().filter(|head| head.contains("\nauthorization:")).map(method).collect()
    }

    /// The heads of all requests, in lower case.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn run(manner: Manner) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let service = Service { url: url.clone(), heads: Arc::clone(&heads) };
        let manner = Arc::new(manner);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (url, heads, manner) = (url.clone(), Arc::clone(&heads), Arc::clone(&manner));
                std::thread::spawn(move || serve(&stream.unwrap(), &url, &heads, &manner));
            }
        });
        service
    }
}

fn serve(stream: &TcpStream, url: &str, heads: &Mutex<Vec<String>>, manner: &Manner) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let method = line.split(' ').next().unwrap().to_owned();
        let mut head = line.to_lowercase();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let header = header.trim().to_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            head.push_str(&header);
            head.push('\n');
        }
        heads.lock().unwrap().push(head.replace('\r', ""));
        if matches!(manner, Manner::Deaf) {
            std::thread::sleep(std::time::Duration::from_secs(60));
            return;
        }
        if std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink()).unwrap_or(0) < length {
            return;
        }
        let json = |status: &str, body: &str| {
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        };
        let answer = match (manner, method.as_str()) {
            (Manner::Silent | Manner::Deaf, _) => {
                std::thread::sleep(std::time::Duration::from_secs(30));
                return;
            }
            (Manner::Always(answer), _) => (*answer).to_owned(),
            (Manner::Graph, "POST") => {
                json("200 OK", &format!(r#"{{"uploadUrl":"{url}/up?guid='1'","nextExpectedRanges":["0-"]}}"#))
            }
            (Manner::Graph, "GET") => json("200 OK", r#"{"nextExpectedRanges":["0-"]}"#),
            (Manner::Graph, "PUT") => json("201 Created", r#"{"id":"1","name":"a"}"#),
            (Manner::Graph, _) => json("204 No Content", ""),
        };
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
