//! The transport over real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use rustls::{ServerConfig, ServerConnection, Stream};
use tokio::runtime::{Builder, Runtime};

use super::*;

mod proxies;
mod wire;

/// The heads of the requests of each connection.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server on loopback that gives every request the same answer. With `tls` it speaks that.
fn service(response: &'static str, tls: Option<ServerConfig>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (seen, tls) = (Seen::default(), tls.map(Arc::new));
    let connections = Arc::clone(&seen);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (mut socket, number) = (socket.unwrap(), connections.lock().unwrap().len());
            connections.lock().unwrap().push(String::new());
            let (seen, tls) = (Arc::clone(&connections), tls.clone());
            std::thread::spawn(move || match tls {
                None => serve(&mut socket, response, &seen, number),
                Some(tls) => {
                    let mut connection = ServerConnection::new(tls).unwrap();
                    serve(&mut Stream::new(&mut connection, &mut socket), response, &seen, number);
                }
            });
        }
    });
    (address, seen)
}

fn serve(stream: &mut (impl Read + Write), response: &str, seen: &Seen, number: usize) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).is_ok_and(|read| read == 0) || line.is_empty() {
            return;
        }
        seen.lock().unwrap()[number].push_str(&line);
        if line == "\r\n" && stream.get_mut().write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

const DONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn get(http: &Http, url: &str) -> Result<Response, TransportError> {
    // Over another runtime's connection nothing would ever come.
    tokio::time::timeout(Duration::from_secs(10), http.send(to(url, Body::None))).await.unwrap()
}

fn to(url: &str, body: Body) -> Request {
    let method = if body.is_empty() { Method::Get } else { Method::Post };
    Request { method, url: Secret::new(url), headers: Vec::new(), body, watch: Arc::default() }
}

#[test]
fn a_connection_serves_the_runtime_that_opened_it_and_no_other() {
    let (address, connections) = service(DONE, None);
    let url = format!("http://{address}/");
    let http = Http::new(&HttpOptions::default()).unwrap();
    let ask = async || {
        assert_eq!(get(&http, &url).await.unwrap().status, 204);
        connections.lock().unwrap().len()
    };
    let (first, second) = (runtime(), runtime());
    assert_eq!((first.block_on(ask()), first.block_on(ask())), (1, 1), "kept open");
    assert_eq!((second.block_on(ask()), second.block_on(ask())), (2, 2), "one of its own");
    drop(first);
    assert_eq!(second.block_on(ask()), 2, "which outlives the other runtime");
    second.block_on(async { http.renew() });
    assert_eq!(second.block_on(ask()), 3, "until a new one is wanted");
}

/// A server's TLS for these names, and its certificate as PEM.
fn certified(names: &[&str]) -> (ServerConfig, String) {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (tls, cert.pem())
}

#[test]
fn a_certificate_is_trusted_by_the_file_and_is_final_without() {
    let (tls, pem) = certified(&["localhost"]);
    let (address, _) = service(DONE, Some(tls));
    let url = format!("https://localhost:{}/", address.split(':').nth(1).unwrap());

    let error = runtime().block_on(get(&Http::new(&HttpOptions::default()).unwrap(), &url)).unwrap_err();
    assert_eq!(error.fault, TransportFault::Untrusted, "{}", error.source);
    assert!(error.fault.is_final());

    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    let options = HttpOptions { ca_file: Some(ca_file.clone()), ..HttpOptions::default() };
    assert!(Http::new(&options).is_err_and(|why| why.contains("ca.pem")), "no file");
    std::fs::write(&ca_file, "no certificate").unwrap();
    assert!(Http::new(&options).is_err_and(|why| why.contains("no certificate in PEM")));
    std::fs::write(ca_file, pem).unwrap();
    assert_eq!(runtime().block_on(get(&Http::new(&options).unwrap(), &url)).unwrap().status, 204);
}

fn within(connect_timeout: Duration) -> Http {
    Http::new(&HttpOptions { connect_timeout, ..HttpOptions::default() }).unwrap()
}

#[test]
fn a_connection_that_is_not_made_in_time_has_carried_nothing() {
    // It takes the connection, and never speaks TLS.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    for millis in [50, 400] {
        let (http, began) = (within(Duration::from_millis(millis)), Instant::now());
        let error = runtime().block_on(get(&http, &url)).unwrap_err();
        assert_eq!(error.fault, TransportFault::Connect, "{}", error.source);
        assert_eq!(error.source.to_string(), format!("no connection within {} s", millis as f64 / 1000.0));
        let took = began.elapsed().as_millis();
        assert!((u128::from(millis)..u128::from(millis) + 350).contains(&took), "{took} ms of {millis}");
    }
}

#[test]
fn a_request_whose_connection_is_being_made_is_not_silent() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let http = within(Duration::from_secs(60));
    let address = silent.local_addr().unwrap();
    // One waits for TLS, the other one for an answer.
    for (scheme, connecting) in [("https", true), ("http", false)] {
        let request = to(&format!("{scheme}://{address}/"), Body::None);
        let watch = Arc::clone(&request.watch);
        let look = async {
            let asking = http.send(request);
            assert!(tokio::time::timeout(Duration::from_millis(300), asking).await.is_err());
        };
        let seen = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            watch.is_connecting()
        };
        assert_eq!(runtime().block_on(async { tokio::join!(look, seen) }).1, connecting, "{scheme}");
        assert!(!watch.is_connecting(), "{scheme}: nor once nobody waits for it any more");
    }
}
