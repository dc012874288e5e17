//! A create request as it is understood: where it goes, and what is refused before it is sent.

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::error::graph_error::member;
use crate::family::Family;
use crate::protocol::body;
use crate::protocol::place::{Addressing, Place};
use crate::protocol::route::{self, ACTION, Route};
use crate::protocol::session::CreateRequest;

/// Headers that are the client's own business.
const RESERVED_HEADERS: [&str; 5] =
    ["content-type", "content-length", "transfer-encoding", "host", "connection"];

/// The largest body of a request that Graph takes.
const BODY_LIMIT: usize = 4 << 20;
/// More than its servers take of a path, and of all headers: they answer such a request with nothing that says why.
const PATH_LIMIT: usize = 16 << 10;
const HEADERS_LIMIT: usize = 16 << 10;

/// The HTTP request that a [`CreateRequest`] stands for.
pub struct Described {
    /// The request.
    pub request: CreateRequest,
    /// Its row of the route table.
    pub route: &'static Route,
    /// Where it goes; of a drive, the file.
    pub place: Place,
    /// How the cloud that is asked addresses it.
    pub addressing: Addressing,
    /// Path from the host on.
    pub path: String,
    /// What the body says of the file.
    pub file: Option<Map<String, Value>>,
    /// Whether an item's id was taken for a folder's, since the body names a file and no path does.
    pub takes_id_for_folder: bool,
    /// All headers but the token.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Described").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Described {
    /// Where the file goes, in words.
    pub fn destination(&self) -> String {
        match self.file.as_ref().and_then(name_in) {
            // An attachment has a number before it has a name; a drive's path has the name.
            Some(name) if self.route.family != Family::Drive => format!("{} ({name})", self.place.shown()),
            _ => self.place.shown(),
        }
    }

    /// The name that the file gets: the one in the path, else the one in the body.
    pub fn name(&self) -> Option<String> {
        let in_body = || self.file.as_ref().and_then(name_in).map(str::to_owned);
        self.place.name().map(str::to_owned).or_else(in_body)
    }
}

/// A file's name as the body of a create request has it.
fn name_in(file: &Map<String, Value>) -> Option<&str> {
    let name = ["name", "documentName"].iter().find_map(|key| member(file, key)?.as_str());
    name.filter(|name| !name.is_empty())
}

/// Checks a request and works out what would be sent to the Graph at `endpoint`. Sends nothing.
pub fn describe(request: CreateRequest, endpoint: &str) -> Result<Described, Error> {
    let route = route::find(&request.route).ok_or_else(|| {
        Error::InvalidInput(format!("'{}' is no endpoint of upload sessions", request.route))
    })?;
    let file = file_in(request.body.get(), route.body_member);
    let name = file.as_ref().and_then(|file| member(file, "name")).and_then(Value::as_str);
    let id = |name: &str| request.ids.get(name).map(String::as_str);
    let place = route.place(id, name).map_err(|error| Error::InvalidInput(error.to_string()))?;
    let bare = route.place(id, None).is_ok_and(|bare| bare.below.is_empty());
    let takes_id_for_folder = bare && place.name().is_some() && !place.node.ends_with("/root");
    let addressing = Addressing::of(endpoint);
    let path = place.path(addressing, ACTION, "");
    for (name, value) in &request.headers {
        if RESERVED_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Err(Error::InvalidInput(format!(
                "the header '{name}' is set by the upload client itself"
            )));
        }
        let legal_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&b));
        if !legal_name || value.chars().any(char::is_control) {
            return Err(Error::InvalidInput(format!("the header '{}' cannot be sent", name.escape_debug())));
        }
    }
    let length: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > HEADERS_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the headers have {length} bytes, more than any service takes"
        )));
    }
    if path.len() > PATH_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the ids make a path of {} bytes, more than any service takes",
            path.len()
        )));
    }
    let body = request.body.get();
    body::check(body).map_err(Error::InvalidInput)?;
    if body.len() > BODY_LIMIT {
        return Err(Error::InvalidInput(format!(
            "the body has {} bytes, and Graph takes 4 MiB at most",
            body.len()
        )));
    }
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(request.headers.iter().cloned());
    let body = Bytes::copy_from_slice(body.as_bytes());
    Ok(Described { request, route, place, addressing, path, file, takes_id_for_folder, headers, body })
}

/// A drive's file that the path names already: what the body says makes no difference.
fn named_by_path(request: &CreateRequest) -> Option<Place> {
    let route = route::find(&request.route).filter(|route| route.family == Family::Drive)?;
    let place = route.place(|name| request.ids.get(name).map(String::as_str), None).ok()?;
    Some(place).filter(|place| place.name().is_some())
}

/// The member of a body that describes the file.
pub(crate) fn file_in(body: &str, name: &str) -> Option<Map<String, Value>> {
    let body: Map<String, Value> = serde_json::from_str(body).ok()?;
    member(&body, name)?.as_object().cloned()
}

/// Where a request puts its file, whatever cloud it is sent to. One drive has several paths, and so has its root.
pub(crate) fn destination_of(request: &CreateRequest) -> Option<String> {
    let place = match named_by_path(request) {
        Some(place) => place.shown(),
        None => describe(request.clone(), "").ok()?.destination(),
    };
    let drive = place.find("/drives/").unwrap_or(0);
    Some(place[drive..].trim_end_matches(':').replace("/items/root:", "/root:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn request(route: &str, headers: &[(&str, &str)]) -> CreateRequest {
        CreateRequest {
            route: route.into(),
            ids: [("UserId".to_owned(), "u".to_owned()), ("DriveId".to_owned(), "d".to_owned())].into(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: serde_json::value::RawValue::from_string("{ }".into()).unwrap(),
        }
    }

    #[test]
    fn a_request_is_described_with_its_body_as_given() {
        let request = request("MgUserDriveRootUploadSession", &[("If-Match", "\"e\"")]);
        let described = describe(request, "https://graph.microsoft.com").unwrap();
        assert_eq!(described.path, "/v1.0/users/u/drives/d/root/microsoft.graph.createUploadSession");
        assert_eq!(&described.body[..], b"{ }");
        assert!(described.headers.contains(&("If-Match".into(), "\"e\"".into())));
    }

    #[test]
    fn a_name_in_the_body_goes_into_the_path_and_stays_in_the_body() {
        let with = |route: &str, id: &str, body: &str| {
            let mut request = request(route, &[]);
            request.ids.insert("DriveItemId".into(), id.into());
            request.body = serde_json::value::RawValue::from_string(body.into()).unwrap();
            request
        };
        let named = r#"{"item": {"name": "a b.bin"}}"#;
        let action = "microsoft.graph.createUploadSession";
        for (route, id, body, path, guessed) in [
            ("MgDriveRootUploadSession", "", named, "root:/a%20b.bin:", false),
            ("MgDriveRootUploadSession", "", "{}", "root", false),
            ("MgDriveItemUploadSession", "01F", named, "items/01F:/a%20b.bin:", true),
            ("MgDriveItemUploadSession", "01F", r#"{"item":{"name":""}}"#, "items/01F", false),
            ("MgDriveItemUploadSession", "root", named, "items/root:/a%20b.bin:", false),
            ("MgDriveItemUploadSession", "root:/x/c.bin", named, "items/root:/x/c.bin:", false),
            ("MgDriveItemUploadSession", "01F:/x/", named, "items/01F:/x/a%20b.bin:", false),
        ] {
            let described = describe(with(route, id, body), "https://graph.microsoft.com").unwrap();
            assert_eq!(described.path, format!("/v1.0/drives/d/{path}/{action}"));
            assert_eq!((&described.body[..], described.takes_id_for_folder), (body.as_bytes(), guessed));
        }
        let china = describe(
            with("MgDriveItemUploadSession", "01F", named),
            "https://microsoftgraph.chinacloudapi.cn",
        );
        assert_eq!(china.unwrap().path, format!("/v1.0/drives/d/items/01F/children('a%20b.bin')/{action}"));
        assert!(
            describe(with("MgDriveRootUploadSession", "", r#"{"item":{"name":"a/b"}}"#), "https://h")
                .is_err()
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before() {
        for bad in [
            request("MgNothing", &[]),
            request("MgPrintPrinterJobDocumentUploadSession", &[]),
            request("MgUserDriveRootUploadSession", &[("X", "a\nb")]),
            request("MgUserDriveRootUploadSession", &[("X", "a\u{7f}b")]),
        ] {
            assert_eq!(describe(bad, "https://h").unwrap_err().kind(), Kind::InvalidInput);
        }
        let with =
            |name: &str| describe(request("MgUserDriveRootUploadSession", &[(name, "1")]), "https://h");
        for own in ["Content-Type", "content-length", "Transfer-Encoding", "HOST", "Connection"] {
            assert!(with(own).unwrap_err().to_string().contains("by the upload client itself"), "{own}");
        }
        for illegal in [
            "", "X Y", "X:", "X\r", "ü", "X(1)", "X/1", "[X]", "{X}", "X@", "X?", "X=", "\"X\"", "X\\", "<X>",
        ] {
            assert!(with(illegal).unwrap_err().to_string().contains("cannot be sent"), "{illegal}");
        }
        for legal in ["X", "If-Match", "Prefer", "x_1.~!#$%&'*+^`|"] {
            with(legal).unwrap();
        }
    }

    #[test]
    fn a_body_has_4_mib_at_most() {
        let of = |len: usize| {
            let mut request = request("MgUserDriveRootUploadSession", &[]);
            request.body =
                serde_json::value::RawValue::from_string(format!(r#"{{"x":"{}"}}"#, "x".repeat(len - 8)))
                    .unwrap();
            describe(request, "https://h").map(|described| described.body.len())
        };
        assert_eq!(of(4_194_304).unwrap(), 4_194_304);
        assert_eq!(of(4_194_305).unwrap_err().kind(), Kind::InvalidInput);
    }
}
