//! One thread's uploads, one after the other over the same two connections.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::connection::{Connection, Connector, Target};

type Failure = Box<dyn Error + Send + Sync>;

pub struct Uploader<'a> {
    arguments: &'a Arguments,
    connector: &'a Connector,
    /// By host and port.
    connections: HashMap<String, Connection>,
    buffer: Vec<u8>,
}

impl<'a> Uploader<'a> {
    pub fn new(arguments: &'a Arguments, connector: &'a Connector) -> Uploader<'a> {
        Uploader { arguments, connector, connections: HashMap::new(), buffer: vec![0; arguments.buffer] }
    }

    pub fn upload(&mut self, path: &Path) -> Result<(), Failure> {
        let mut file = File::open(path)?;
        let total = file.metadata()?.len();
        let url = self.create(path)?;
        let target = Target::of(&url)?;
        let mut position = 0;
        while position < total {
            let end = total.min(position + self.arguments.chunk);
            let last = end == total;
            let Uploader { connector, connections, buffer, .. } = self;
            let connection = open(connections, connector, target)?;
            let head = format!(
                "PUT {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nContent-Range: bytes {position}-{}/{total}\r\n\r\n",
                target.path,
                target.authority,
                end - position,
                end - 1
            );
            connection.send(head.as_bytes())?;
            while position < end {
                let count =
                    usize::try_from(end - position).map_or(buffer.len(), |left| left.min(buffer.len()));
                file.read_exact(&mut buffer[..count])?;
                connection.send(&buffer[..count])?;
                position += count as u64;
            }
            match connection.answer()? {
                (202, _) if !last => {}
                (200 | 201, _) if last => {}
                (status, body) => {
                    return Err(format!("status {status}: {}", String::from_utf8_lossy(&body)).into());
                }
            }
        }
        Ok(())
    }

    /// The upload URL of a new session.
    fn create(&mut self, path: &Path) -> Result<String, Failure> {
        let Arguments { graph, token, user, drive, .. } = self.arguments;
        let target = Target::of(graph)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let body = json!({ "item": { "@microsoft.graph.conflictBehavior": "replace" } }).to_string();
        let request = format!(
            "POST /v1.0/users/{user}/drives/{drive}/root:/{name}:/createUploadSession HTTP/1.1\r\nHost: {}\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            target.authority,
            body.len()
        );
        let connection = open(&mut self.connections, self.connector, target)?;
        connection.send(request.as_bytes())?;
        let (status, body) = connection.answer()?;
        let session: Value = serde_json::from_slice(&body)?;
        let url = session["uploadUrl"].as_str();
        Ok(url.ok_or_else(|| format!("no session, but status {status}"))?.to_owned())
    }
}

/// The connection to a host; a new one when there is none yet.
fn open<'c>(
    connections: &'c mut HashMap<String, Connection>,
    connector: &Connector,
    target: Target<'_>,
) -> Result<&'c mut Connection, Failure> {
    if !connections.contains_key(target.authority) {
        connections.insert(target.authority.to_owned(), connector.connect(target)?);
    }
    Ok(connections.get_mut(target.authority).ok_or("no connection")?)
}
