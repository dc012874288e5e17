//! The way through a proxy.

use super::*;

fn by_proxy(url: String) -> HttpOptions {
    HttpOptions { proxy: Some(ProxyOptions { url, credentials: None }), ..HttpOptions::default() }
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
fn an_unusable_proxy_is_refused_at_once() {
    for url in ["socks5://proxy:1080", "http://", "ftp://proxy"] {
        assert!(Http::new(&by_proxy(url.into())).is_err(), "{url}");
    }
}

/// A proxy on loopback that answers itself as every host, and the heads of what it is asked. With `is_secure` it is spoken to
/// over TLS.
fn tunnels(tls: ServerConfig, is_secure: bool) -> (u16, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, seen, tls) = (listener.local_addr().unwrap().port(), Seen::default(), Arc::new(tls));
    let heads = Arc::clone(&seen);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (mut socket, mut outer) = (socket.unwrap(), ServerConnection::new(Arc::clone(&tls)).unwrap());
            if is_secure {
                tunnel(&mut Stream::new(&mut outer, &mut socket), &tls, &heads);
            } else {
                tunnel(&mut socket, &tls, &heads);
            }
        }
    });
    (port, seen)
}

fn tunnel(stream: &mut (impl Read + Write), tls: &Arc<ServerConfig>, heads: &Seen) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    heads.lock().unwrap().extend([String::from_utf8(head).unwrap(), String::new()]);
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    let mut inner = ServerConnection::new(Arc::clone(tls)).unwrap();
    serve(&mut Stream::new(&mut inner, stream), DONE, heads, 1);
}

#[test]
fn a_tunnel_carries_tls_whatever_the_proxy_itself_speaks() {
    let (tls, pem) = certified(&["localhost", "graph.invalid"]);
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, pem).unwrap();
    for scheme in ["http", "https"] {
        let (port, heads) = tunnels(tls.clone(), scheme == "https");
        let proxy = by_proxy(format!("{scheme}://me:word@localhost:{port}"));
        let http = Http::new(&HttpOptions { ca_file: Some(ca_file.clone()), ..proxy }).unwrap();
        let response = runtime().block_on(get(&http, "https://graph.invalid/up?q='"));
        assert_eq!(response.unwrap().status, 204, "{scheme}");
        let heads = heads.lock().unwrap();
        assert_eq!(
            *heads,
            [
                "CONNECT graph.invalid:443 HTTP/1.1\r\nHost: graph.invalid:443\r\nProxy-Authorization: Basic bWU6d29yZA==\r\n\r\n",
                "GET /up?q=' HTTP/1.1\r\naccept: */*\r\nhost: graph.invalid\r\n\r\n",
            ],
            "{scheme}"
        );
    }
}
