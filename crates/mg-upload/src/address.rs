//! What an address may be: https, or this machine's own loopback.

use std::net::{IpAddr, Ipv4Addr};

use crate::exact_url;

/// Accepts what can be sent as it stands, by https, or by http to this machine's own loopback.
pub fn check_url(url: &str) -> Result<(), String> {
    exact_url::parse(url).map(drop)
}

/// Accepts a URL's scheme and its host.
pub fn check_origin(scheme: &str, host: &str) -> Result<(), &'static str> {
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("http would show the secret to the network; https is required"),
        _ => Err("it is not https"),
    }
}

/// Whether a host is this machine's loopback.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A URL's parts, where it has any.
pub fn parse_url(url: &str) -> Option<url::Url> {
    url::Url::parse(url).ok()
}

/// Whether two URLs have scheme, host and port in common.
pub fn same_host(one: &str, other: &str) -> bool {
    // Asked of every request: what is written alike needs no parser.
    if let (Some(one), Some(other)) = (written_origin(one), written_origin(other)) {
        if one == other {
            return true;
        }
        if let (Some(one), Some(other)) = (plain_origin(one), plain_origin(other))
            && let Some(same) = is_one_origin(one, other)
        {
            return same;
        }
    }
    match (url::Url::parse(one), url::Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => false,
    }
}

/// What a URL begins with: scheme, host and port as they are written, and whatever else stands before the path.
fn written_origin(url: &str) -> Option<&str> {
    let authority = url.find("://").filter(|at| matches!(&url[..*at], "http" | "https"))? + 3;
    let length = url[authority..].find(['/', '?', '#', '\\']).unwrap_or(url.len() - authority);
    Some(&url[..authority + length]).filter(|_| length > 0)
}

/// Scheme, port and host of an origin that is written plainly: the host in small letters, digits, points and hyphens.
fn plain_origin(origin: &str) -> Option<(&str, u16, &str)> {
    let (scheme, authority) = origin.split_once("://")?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let port = match (port, scheme) {
        ("", "http") => 80,
        ("", _) => 443,
        (port, _) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.parse().ok()?,
        _ => return None,
    };
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_plain)).then_some((scheme, port, host))
}

/// Whether two such origins are one, where that can be seen: a host that ends with a number may be an address, which can
/// be written in many ways.
fn is_one_origin(one: (&str, u16, &str), other: (&str, u16, &str)) -> Option<bool> {
    if one.0 != other.0 || one.1 != other.1 {
        return Some(false);
    }
    [one.2, other.2].into_iter().all(is_name).then(|| one.2 == other.2)
}

/// Whether a plain host is none that a parser may take for an address.
fn is_name(host: &str) -> bool {
    let is_hex = host.rsplit('.').next().is_some_and(|last| last.starts_with("0x"));
    host.ends_with(|last: char| last.is_ascii_lowercase()) && !is_hex
}

/// Whether a URL's scheme, host and port are written so that all parsers read them alike.
pub fn is_plain(url: &str) -> bool {
    let origin = written_origin(url).and_then(plain_origin);
    origin.is_some_and(|(_, _, host)| is_name(host) || host.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_the_only_http() {
        for url in [
            "http://127.0.0.1:1/x",
            "http://127.9.8.7/",
            "http://LOCALHOST/x",
            "http://[::1]:80/x",
            "https://h/x",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        for url in [
            "http://10.0.0.1/x",
            "http://0.0.0.0/x",
            "http://localhost.example.com/x",
            "http://127.0.0.1@h/x",
            "http://h/x",
            "file:///x",
            "/x",
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_host_is_scheme_name_and_port() {
        let graph = "https://graph.microsoft.com/v1.0";
        for (other, same) in [
            ("https://graph.microsoft.com", true),
            ("https://GRAPH.microsoft.com:443/x?y", true),
            ("https://graph.microsoft.com:444/v1.0", false),
            ("http://graph.microsoft.com/v1.0", false),
            ("https://graph.microsoft.com.example.com/", false),
            ("https://graph.microsoft.com@example.com/", false),
            ("https://example.com/graph.microsoft.com", false),
            ("https://graph.microsoft.com\\@example.com/", true),
            ("https://graph.microsoft.com\t.example.com/", false),
            ("graph.microsoft.com", false),
            ("", false),
        ] {
            assert_eq!(same_host(graph, other), same, "{other}");
            assert_eq!(same_host(other, graph), same, "{other}");
        }
        for (one, other, same) in [
            ("http://127.0.0.1:1/x", "http://127.0.0.1:2/x", false),
            ("http://127.0.0.1:1/x", "http://127.0.0.1:01/x", true),
            ("http://127.0.0.1/x", "http://0x7f.1/x", true),
            ("http://127.0.0.1/x", "http://0x7f000001:80/x", true),
            ("http://127.0.0.1/x", "http://127.0.0.2/x", false),
            ("https://h/x", "https://h:/x", true),
            ("https://h/x", "https://h:0443?x", true),
            ("https://h/x", "https://h:+443/x", false),
            ("https://h/x", "https://h./x", false),
            ("https://h/x", "https://i/x", false),
            ("https://u:443@h/x", "https://h/x", true),
        ] {
            assert_eq!(same_host(one, other), same, "{one} {other}");
            assert_eq!(same_host(other, one), same, "{other} {one}");
        }
        for url in ["nonsense", "data://x/y", "https://"] {
            assert!(!same_host(url, url), "{url}");
        }
    }
}
