//! URLs that are sent byte for byte.
//!
//! An upload URL is opaque and carries credentials; services have refused it once a library had "normalised" it. The
//! `url` crate writes `'` in a query as `%27`, and SharePoint's upload URLs have raw quotes. `Uri` takes path and query as
//! they stand, or not at all.

use http::Uri;
use http::uri::{InvalidUri, PathAndQuery};
use url::Url;

use crate::address::{check_origin, is_plain};

/// The URI of a request: path and query as they stand in `text`, after a scheme and a host that are what the `url` crate
/// reads there, by which all checks of addresses are made.
pub(crate) fn parse(text: &str) -> Result<Uri, String> {
    let (origin, target) = split(text);
    let parsed: Result<Uri, InvalidUri> = match is_plain(origin) {
        true => text.parse(),
        false => format!("{}{target}", normalised(origin)?).parse(),
    };
    // `Uri` would take other text than ASCII.
    if (parsed.is_err() || !target.is_ascii())
        && let Some(char) = not_sent(target)
    {
        return Err(format!("it has {char:?}, which cannot be sent as it stands"));
    }
    let uri = parsed.map_err(|error| error.to_string())?;
    check_origin(uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())?;
    Ok(uri)
}

/// An absolute URL up to its path, and what stands in the request line.
fn split(url: &str) -> (&str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    let host = url.find("://").map_or(0, |at| at + 3);
    let target = url[host..].find(['/', '?']).map_or(url.len(), |at| host + at);
    url.split_at(target)
}

/// The first character that no request line can carry, or that `Uri` does not take there: `<`, `>`, and a backtick in the path, a
/// double quote in the query.
fn not_sent(target: &str) -> Option<char> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let refused = |before: &str, char: &char| {
        !char.is_ascii() || format!("{before}{char}").parse::<PathAndQuery>().is_err()
    };
    let in_path = path.chars().find(|char| refused("/", char));
    in_path.or_else(|| query.chars().find(|char| refused("/?", char)))
}

/// Scheme, host and port as the `url` crate writes them, without a user's name and password.
fn normalised(origin: &str) -> Result<String, String> {
    let url = Url::parse(origin).map_err(|_| "it is no URL")?;
    // A backslash begins the path for that crate, and does not for us.
    if url.path() != "/" {
        return Err("it is unclear where its path begins".into());
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_line_is_what_was_given() {
        for url in [
            "https://c.sharepoint.com/personal/u/_api/v2.0/drives/b!d/items/i/uploadSession?guid='a-b'&path='~tmp01_n.bin'&overwrite=True&tempauth=ey.J",
            "https://outlook.office.com/api/v2.0/Users('u@t')/Messages('AAMk=')/AttachmentSessions('A')?authtoken=e%2By",
            "http://127.0.0.1:4000/rup/CID/e30=/x%2Fy%%zz",
            "http://127.0.0.1:4000/a/../b/./c//d;e\\f?x={y}|^`\\[]@!$&'()*+,;:=?/",
            "https://h/{a}|\"b^c~[d]?",
            "https://User:word@H\u{e9}.example:443/p'?q='#fragment",
            "https://h/p",
        ] {
            let (_, target) = split(url);
            assert_eq!(parse(url).unwrap().path_and_query().unwrap().as_str(), target, "{url}");
        }
    }

    #[test]
    fn without_a_path_it_is_the_root() {
        for (url, path) in [("https://h", "/"), ("https://h?x='", "/?x='"), ("https://h#x", "/")] {
            assert_eq!(parse(url).unwrap().to_string(), format!("https://h{path}"), "{url}");
        }
    }

    #[test]
    fn scheme_and_host_are_what_every_check_of_them_has_read() {
        for (url, authority) in [
            ("https://h:8443/x", "h:8443"),
            ("HTTP://LocalHost:8080/x", "localhost:8080"),
            ("http://[::1]:80/x", "[::1]"),
            ("http://0x7f.1:5/x", "127.0.0.1:5"),
            ("https://me:word@Graph.Example:443/x", "graph.example"),
            ("https://b\u{fc}cher.example/x", "xn--bcher-kva.example"),
        ] {
            assert_eq!(parse(url).unwrap().authority().unwrap().as_str(), authority, "{url}");
            let read = Url::parse(url).unwrap();
            assert_eq!(parse(url).unwrap().host(), read.host_str(), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_sent_as_it_stands_is_named() {
        for (url, char) in [
            ("https://h/a b?'", "' '"),
            ("https://h/\u{e9}?'", "'\u{e9}'"),
            ("https://h/?\u{e9}", "'\u{e9}'"),
            ("https://h/a\tb", "'\\t'"),
            ("https://h/\u{7f}", "'\\u{7f}'"),
            ("https://h/`'", "'`'"),
            ("https://h/<'", "'<'"),
            ("https://h/p?q=>", "'>'"),
            ("https://h/p?q=\"", "'\"'"),
        ] {
            assert_eq!(parse(url).unwrap_err(), format!("it has {char}, which cannot be sent as it stands"));
        }
        let long = format!("https://h/{}", "x".repeat(65_535));
        for url in ["nonsense", "https://", "https://h\\a/b", "ftp://h/x", "http://h/x", &long] {
            assert!(parse(url).is_err(), "{}", &url[..10.min(url.len())]);
        }
    }
}
