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

fn by_proxy(url: String) -> HttpOptions {
    HttpOptions { proxy: Some(ProxyOptions { url, credentials: None }), ..HttpOptions::default() }
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

#[test]
fn loopback_goes_through_no_proxy() {
    let (proxy, seen) = service(DONE, None);
    let (there, _) = service(DONE, None);
    let http = Http::new(&by_proxy(format!("http://{proxy}"))).unwrap();
    let port = there.split(':').nth(1).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let response = runtime().block_on(get(&http, &format!("http://{host}:{port}/up?secret")));
        assert_eq!(response.unwrap().status, 204, "{host}");
    }
    assert!(seen.lock().unwrap().is_empty(), "{seen:?}");
}

#[test]
fn a_proxys_407_is_final_and_its_credentials_are_sent() {
    let refuses = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let with_credentials = |url: String| HttpOptions {
        proxy: Some(ProxyOptions { url, credentials: Some(("me".into(), Secret::new("secret"))) }),
        ..HttpOptions::default()
    };
    for (make, user) in [
        (
            &(|proxy: &str| with_credentials(format!("http://{proxy}"))) as &dyn Fn(&str) -> HttpOptions,
            "bWU6c2VjcmV0",
        ),
        // As in the environment: name and password in the URL, percent-encoded.
        (&|proxy: &str| by_proxy(format!("http://me:se%40cret@{proxy}")), "bWU6c2VAY3JldA=="),
    ] {
        let (proxy, seen) = service(refuses, None);
        let http = Http::new(&make(&proxy)).unwrap();
        let error = runtime().block_on(get(&http, "https://graph.invalid/v1.0/me")).unwrap_err();
        assert_eq!(error.fault, TransportFault::ProxyDenied, "{}", error.source);
        assert!(error.fault.is_final());
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(seen[0].starts_with("CONNECT graph.invalid:443 "), "{seen:?}");
        assert!(
            seen[0].to_lowercase().contains(&format!("proxy-authorization: basic {}", user.to_lowercase())),
            "{seen:?}"
        );
    }
}

#[test]
fn hosts_of_the_list_are_reached_without_the_proxy() {
    let (proxy, seen) = service("HTTP/1.1 407 No\r\n\r\n", None);
    let options = HttpOptions { direct: ".invalid, other".into(), ..by_proxy(format!("http://{proxy}")) };
    let error = runtime().block_on(get(&Http::new(&options).unwrap(), "https://graph.invalid/")).unwrap_err();
    assert_eq!(error.fault, TransportFault::Connect, "{}", error.source);
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn a_way_that_the_host_program_has_found_out_is_taken_where_no_proxy_is_named() {
    let refuses = "HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n";
    let ((one, seen_by_one), (all, seen_by_all)) = (service(refuses, None), service(refuses, None));
    let ask = |http: &Http, host: &str| {
        runtime().block_on(get(http, &format!("https://{host}/"))).unwrap_err().fault
    };
    let seen = |seen: &Seen| seen.lock().unwrap().len();

    let http = Http::new(&HttpOptions { direct: "near.invalid".into(), ..HttpOptions::default() }).unwrap();
    http.set_route("Up.Invalid", &format!("http://{one}")).unwrap();
    http.set_route("", &format!("http://{all}")).unwrap();
    http.set_route("direct.invalid", "").unwrap();
    assert!(http.set_route("up.invalid", "socks5://proxy").is_err(), "and the way stays");
    assert_eq!(ask(&http, "up.invalid"), TransportFault::ProxyDenied);
    assert_eq!((seen(&seen_by_one), seen(&seen_by_all)), (1, 0));
    assert_eq!(ask(&http, "other.invalid"), TransportFault::ProxyDenied);
    assert_eq!((seen(&seen_by_one), seen(&seen_by_all)), (1, 1));
    for host in ["direct.invalid", "near.invalid"] {
        assert_eq!(ask(&http, host), TransportFault::Connect, "{host}");
    }
    assert_eq!((seen(&seen_by_one), seen(&seen_by_all)), (1, 1));

    let named = Http::new(&by_proxy(format!("http://{one}"))).unwrap();
    named.set_route("", &format!("http://{all}")).unwrap();
    assert_eq!(ask(&named, "up.invalid"), TransportFault::ProxyDenied);
    assert_eq!((seen(&seen_by_one), seen(&seen_by_all)), (2, 1), "what is named goes first");
}

#[test]
fn a_certificate_is_trusted_by_the_file_and_is_final_without() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from_pem_slice(signing_key.serialize_pem().as_bytes()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
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
    std::fs::write(ca_file, cert.pem()).unwrap();
    assert_eq!(runtime().block_on(get(&Http::new(&options).unwrap(), &url)).unwrap().status, 204);
}

#[test]
fn what_no_request_line_can_carry_is_final() {
    let http = Http::new(&HttpOptions::default()).unwrap();
    for url in ["https://h/a b?'", "https://h/é?'", "https://h/`'", "nonsense"] {
        let error = runtime().block_on(get(&http, url)).unwrap_err();
        assert_eq!(error.fault, TransportFault::Unsendable, "{url}: {}", error.source);
    }
}

#[test]
fn an_unusable_proxy_is_refused_at_once() {
    for url in ["socks5://proxy:1080", "http://", "ftp://proxy"] {
        assert!(Http::new(&by_proxy(url.into())).is_err(), "{url}");
    }
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

#[test]
fn what_leaves_and_what_comes_is_noted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        std::io::copy(&mut (&mut reader).take(200_000), &mut std::io::sink()).unwrap();
        for part in ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", "{", "}"] {
            reader.get_mut().write_all(part.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let request = to(&url, Body::Bytes(vec![b'x'; 200_000].into()));
    let watch = Arc::clone(&request.watch);
    let http = Http::new(&HttpOptions::default()).unwrap();
    assert_eq!(runtime().block_on(http.send(request)).unwrap().body, b"{}");
    assert_eq!((watch.bytes_taken(), watch.bytes_heard()), (200_000, 3));
    server.join().unwrap();
}
