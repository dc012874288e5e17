//! JSON to and from the stand-in's control listener.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::Failure;

/// Who says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request, and the JSON that answers it.
pub fn ask(address: &str, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
    let authority = address.strip_prefix("http://").ok_or("the control listener speaks plain HTTP")?;
    let body = body.map_or_else(String::new, Value::to_string);
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the control listener broke off")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("{method} {path}: {body}").into());
    }
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_str(body)? })
}
