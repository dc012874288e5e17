//! What is on the wire, byte for byte: the real transport against a plain socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use mg_upload::{Client, ClientOptions, Progress, Secret, Session};
use serde_json::json;

/// A service that says `answer` to everything, and hands on the head of each request.
fn service(answer: &'static str) -> (String, mpsc::Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heads, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(&stream);
            loop {
                let mut head = Vec::new();
                while let Some(Ok(line)) = reader.by_ref().lines().next() {
                    if line.is_empty() {
                        break;
                    }
                    head.push(line.to_ascii_lowercase());
                }
                if head.is_empty() || heads.send(head).is_err() {
                    break;
                }
                (&stream).write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    (url, received)
}

fn client(endpoint: &str) -> Client {
    let options = ClientOptions { graph_endpoint: endpoint.into(), ..ClientOptions::default() };
    let client = Client::new(options).unwrap();
    client.set_token(Some(Secret::new("token")));
    client
}

fn lengths(head: &[String]) -> Vec<&str> {
    head.iter().filter_map(|line| line.strip_prefix("content-length: ")).collect()
}

const ITEM: &str = "HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}";
const GONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn an_empty_body_says_its_length() {
    let (url, heads) = service(ITEM);
    let session =
        Session::from_json(&json!({"uploadUrl": format!("{url}/up"), "family": "drive"}).to_string());
    let session = session.unwrap();
    client(&url).commit_session(&session, None, &Progress::default()).await.unwrap();
    let head = heads.recv().unwrap();
    assert_eq!((head[0].as_str(), lengths(&head)), ("post /up http/1.1", vec!["0"]), "{head:?}");
}

#[tokio::test]
async fn an_empty_file_says_its_length() {
    let (url, heads) = service(ITEM);
    let request = json!({"route": "MgDriveRootUploadSession", "ids": {"DriveId": "d"}, "body": {"item": {"name": "a"}}});
    let session = json!({"uploadUrl": format!("{url}/up"), "family": "drive", "origin": request}).to_string();
    let file = tempfile::NamedTempFile::new().unwrap();
    let (progress, cancel) = Default::default();
    let session = Session::from_json(&session).unwrap();
    client(&url).upload(session, file.path(), Default::default(), progress, &cancel).await.unwrap();
    let head = heads.recv().unwrap();
    let line = "put /v1.0/drives/d/root:/a:/content http/1.1";
    assert_eq!((head[0].as_str(), lengths(&head)), (line, vec!["0"]), "{head:?}");
}

/// One length, and none where a request has no body by its nature.
#[tokio::test]
async fn a_body_says_its_length_once_and_its_absence_says_none() {
    let (url, heads) = service("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    let request = json!({"route": "MgDriveRootUploadSession", "ids": {"DriveId": "d"}, "body": {}});
    let described = mg_upload::describe(serde_json::from_value(request).unwrap(), &url).unwrap();
    client(&url).create_session(&described, &Progress::default()).await.unwrap();
    assert_eq!(lengths(&heads.recv().unwrap()), ["2"]);

    let (url, heads) = service(GONE);
    let session = Session::from_json(&json!({"uploadUrl": format!("{url}/up")}).to_string()).unwrap();
    client(&url).cancel_session(&session, &Progress::default()).await.unwrap();
    let head = heads.recv().unwrap();
    assert!(head[0].starts_with("delete ") && lengths(&head).is_empty(), "{head:?}");
}
