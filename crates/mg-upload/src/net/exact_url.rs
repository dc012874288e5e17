//! URLs that are sent byte for byte.
//!
//! An upload URL is opaque and carries credentials; services have refused it once a library had "normalised" it. The
//! `url` crate, which reqwest takes, writes `'` in a query as `%27`, and SharePoint's upload URLs have raw quotes.

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

/// Parses `text` into a URL that is sent exactly as it stands (all but the case of scheme and host).
pub(super) fn parse(text: &str) -> Result<Url, String> {
    let normalised = Url::parse(text).map_err(|error| error.to_string())?;
    let wanted = target(text);
    if target(normalised.as_str()) == wanted {
        return Ok(normalised);
    }
    if !wanted.starts_with('/')
        || wanted.contains(|c: char| c.is_ascii_control() || c == ' ' || !c.is_ascii())
    {
        return Err("it has characters that no request line can carry".into());
    }
    with_target(&normalised, wanted).ok_or_else(|| "it cannot be sent unchanged".into())
}

/// Path and query of an absolute URL: what stands in the request line.
fn target(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let path = url[after_scheme..].find(['/', '?', '#']).map_or(url.len(), |at| after_scheme + at);
    url[path..].split('#').next().unwrap_or("")
}

/// `url` with another path and query, as they stand. This goes through the `url` crate's own serde form, which takes
/// a URL's parts on trust (`Url::deserialize_internal`); its check in debug builds is off in the workspace's profile.
fn with_target(url: &Url, target: &str) -> Option<Url> {
    let mut parts = url.serialize_internal(serde_json::value::Serializer).ok()?;
    let fields = parts.as_array_mut()?;
    let [serialization, .., path_start, query_start, fragment_start] = fields.as_mut_slice() else {
        return None;
    };
    let start = usize::try_from(path_start.as_u64()?).ok()?;
    let text = format!("{}{target}", serialization.as_str()?.get(..start)?);
    *query_start = text[start..].find('?').map_or(Value::Null, |at| (start + at).into());
    *fragment_start = Value::Null;
    *serialization = text.into();
    let exact = Url::deserialize_internal(Value::deserialize(parts).ok()?).ok()?;
    (self::target(exact.as_str()) == target).then_some(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_line_is_what_was_given() {
        for url in [
            "https://c.sharepoint.com/personal/u/_api/v2.0/drives/b!d/items/i/uploadSession?guid='a-b'&path='~tmp01_n.bin'&overwrite=True&tempauth=ey.J",
            "https://outlook.office.com/api/v2.0/Users('u@t')/Messages('AAMk=')/AttachmentSessions('A')?authtoken=e%2By",
            "http://127.0.0.1:4000/rup/CID/e30=/x%2Fy",
            "http://127.0.0.1:4000/a/../b/./c?x={y}|^`",
            "https://h/?q=\"<>",
            "https://h/p",
        ] {
            assert_eq!(target(parse(url).unwrap().as_str()), target(url), "{url}");
        }
    }

    #[test]
    fn host_and_port_stay_readable() {
        let url = parse("HTTP://LocalHost:8080/x?guid='1'").unwrap();
        assert_eq!(
            (url.host_str(), url.port(), url.path(), url.query()),
            (Some("localhost"), Some(8080), "/x", Some("guid='1'"))
        );
    }

    #[test]
    fn what_no_request_line_can_carry_is_refused() {
        for url in ["https://h/a b?'", "https://h/é?'", "nonsense", "https://"] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
