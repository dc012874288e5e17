//! What leaves and what comes.

use super::*;

#[test]
fn what_no_request_line_can_carry_is_final() {
    let http = Http::new(&HttpOptions::default()).unwrap();
    for url in ["https://h/a b?'", "https://h/é?'", "https://h/`'", "nonsense", "http://h/x"] {
        let error = runtime().block_on(get(&http, url)).unwrap_err();
        assert_eq!(error.fault, TransportFault::Unsendable, "{url}: {}", error.source);
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

#[test]
fn a_request_is_written_as_it_is_given() {
    let (address, seen) = service(DONE, None);
    let http = Http::new(&HttpOptions::default()).unwrap();
    let target = "/rup/e30=/x%2Fy/..//up'?guid='a-b'&x={y}|^`\\";
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut plain = to(&format!("http://me:word@{address}{target}#here"), Body::None);
    plain.headers = vec![header("Authorization", "Bearer t"), header("X-Two", "1"), header("x-two", "2")];
    let mut with_body = to(&format!("http://{address}?q"), Body::Bytes("abc".into()));
    with_body.headers = vec![header("accept", "application/json")];
    for (request, head) in [
        (
            plain,
            format!(
                "GET {target} HTTP/1.1\r\nauthorization: Bearer t\r\nx-two: 1\r\nx-two: 2\r\naccept: */*"
            ),
        ),
        (with_body, "POST /?q HTTP/1.1\r\naccept: application/json\r\ncontent-length: 3".to_owned()),
    ] {
        // A connection each: to that service a body is the head of another request.
        assert_eq!(runtime().block_on(http.send(request)).unwrap().status, 204);
        let seen = seen.lock().unwrap();
        let host = format!("host: {address}\r\n");
        let written = seen.last().unwrap();
        assert!(written.contains(&host), "{written}");
        assert_eq!(written.replace(&host, "").split_once("\r\n\r\n").unwrap().0, head);
    }
}

/// A server on loopback that reads one request, gives this answer and hangs up.
fn hangs_up(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/up?secret", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
    });
    url
}

#[test]
fn what_comes_in_place_of_an_answer_is_told_for_what_it_is() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    for (url, fault, text) in [
        (format!("http://{nobody}/up?secret"), TransportFault::Connect, "tcp connect error"),
        ("https://no-such-host.invalid/up?secret".to_owned(), TransportFault::Connect, "dns error"),
        (hangs_up(""), TransportFault::Request, "connection closed before message completed"),
        (hangs_up("nonsense\r\n\r\n"), TransportFault::Request, "invalid HTTP version"),
        (hangs_up(head), TransportFault::Interrupted, "end of file before message length reached"),
        (
            hangs_up("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz"),
            TransportFault::Interrupted,
            "Invalid chunk size line",
        ),
    ] {
        let error = runtime().block_on(get(&Http::new(&HttpOptions::default()).unwrap(), &url)).unwrap_err();
        let told = error.source.to_string();
        assert_eq!(error.fault, fault, "{told}");
        assert!(told.contains(text) && !told.contains("secret"), "{told}");
    }
}
