//! A client of the service without a network, for these tests.
#![allow(unreachable_pub, missing_docs, reason = "the tests are one program")]

use graph_standin::{Answer, Config, Delivery, Endpoints, Head, Listener, Request, Service};
use serde_json::{Value, json};

pub const START: u64 = 1_769_677_200_000;
pub const UNIT: usize = 320 * 1024;

pub struct Client {
    pub service: Service,
    pub now: u64,
}

pub fn client(config: Value) -> Client {
    let config: Config = serde_json::from_value(config).expect("a configuration");
    Client { service: Service::new(config, Endpoints::default(), START), now: START }
}

pub fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// Status, code and inner code of an error.
pub fn error(answer: &Answer) -> (u16, String, String) {
    let body = json_of(answer);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    (answer.status, text(&body["error"]["code"]), text(&body["error"]["innerError"]["code"]))
}

impl Client {
    pub fn deliver(
        &mut self,
        listener: Listener,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Delivery {
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        headers.push(("Content-Length".into(), body.len().to_string()));
        let head = Head { listener, method: method.into(), target: target.into(), headers };
        self.service.deliver(&Request { head, body: body.to_vec() }, self.now)
    }

    pub fn graph(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.deliver(Listener::Graph, method, target, &[("Authorization", "Bearer t")], &body).answer
    }

    pub fn create(&mut self, target: &str, body: &Value) -> String {
        let answer = self.graph("POST", target, body);
        assert!([200, 201].contains(&answer.status), "{} {}", answer.status, json_of(&answer));
        json_of(&answer)["uploadUrl"].as_str().expect("an uploadUrl").to_owned()
    }

    /// A drive session for `name` on drive `d`.
    pub fn drive(&mut self, name: &str) -> String {
        self.create(&format!("/v1.0/drives/d/root:/{name}:/createUploadSession"), &json!({}))
    }

    pub fn send(&mut self, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Delivery {
        let (listener, target) = match url.strip_prefix("https://upload.test") {
            Some(target) => (Listener::Upload, target),
            None => (Listener::Graph, url.strip_prefix("https://graph.test").expect("one of the two hosts")),
        };
        self.deliver(listener, method, target, headers, body)
    }

    /// PUT of `all[first..end]`.
    pub fn part(&mut self, url: &str, all: &[u8], first: usize, end: usize) -> Delivery {
        let range = format!("bytes {first}-{}/{}", end - 1, all.len());
        let mut headers =
            vec![("Content-Range", range.as_str()), ("Content-Type", "application/octet-stream")];
        if url.starts_with("https://graph.test") {
            headers.push(("Authorization", "Bearer t"));
        }
        self.send("PUT", url, &headers, &all[first..end])
    }

    pub fn put(&mut self, url: &str, all: &[u8], first: usize, end: usize) -> Answer {
        self.part(url, all, first, end).answer
    }

    pub fn status(&mut self, url: &str) -> Answer {
        self.send("GET", url, &[], b"").answer
    }

    pub fn ranges(&mut self, url: &str) -> Value {
        json_of(&self.status(url))["nextExpectedRanges"].clone()
    }

    pub fn fault(&mut self, rule: Value) {
        self.service.script(serde_json::from_value(rule).expect("a rule"));
    }
}
