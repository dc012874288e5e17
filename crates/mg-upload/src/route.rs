//! The endpoints that create sessions: a row each, and the path that a row and its ids make.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use crate::family::Family;

/// One endpoint. A `New-Mg…UploadSession` cmdlet is one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The cmdlet's name without its verb.
    pub key: &'static str,
    /// `v1.0` or `beta`.
    pub version: &'static str,
    /// The path below the version, with a `{Name}` for each id.
    pub path: &'static str,
    /// The back end behind it.
    pub family: Family,
    /// The member of the body that describes the file.
    pub body_member: &'static str,
}

/// Why ids and a route make no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadIds {
    /// An id is missing or empty.
    #[error("{0} is missing or empty")]
    Missing(String),
    /// An id that would collapse the path.
    #[error("{0} is '.' or '..', which no id can be")]
    Dots(String),
}

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The row with this key, whatever its case.
pub fn find(key: &str) -> Option<&'static Route> {
    crate::routes::ROUTES.iter().find(|route| route.key.eq_ignore_ascii_case(key))
}

impl Route {
    /// The path from the host on, with the ids in place. `id` gives an id by its name.
    pub fn path_with<'a>(&self, id: impl Fn(&str) -> Option<&'a str>) -> Result<String, BadIds> {
        let mut path = format!("/{}", self.version);
        for part in self.path.split_inclusive('}') {
            let (literal, name) = part.split_once('{').unwrap_or((part, ""));
            path.push_str(literal);
            let Some(name) = name.strip_suffix('}') else { continue };
            let value =
                id(name).filter(|value| !value.is_empty()).ok_or_else(|| BadIds::Missing(name.into()))?;
            path.push_str(&encode_id(value).ok_or_else(|| BadIds::Dots(name.into()))?);
        }
        Ok(path)
    }

    /// The ids that the path needs, in its order.
    pub fn id_names(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }
}

/// An id as it stands in a path; `None` for one that would collapse it.
///
/// An id that carries a path (`root:/folder/file.bin:`, `{id}:/file.bin:`) keeps its colons and slashes and has its
/// parts encoded: the form that Graph documents.
fn encode_id(id: &str) -> Option<String> {
    if is_dots(id) {
        return None;
    }
    let Some((anchor, path)) = id.split_once(":/") else { return Some(encode(id)) };
    let (path, tail) = path.strip_suffix(':').map_or((path, ""), |path| (path, ":"));
    let mut segments = Vec::new();
    for segment in path.split('/') {
        if is_dots(segment) {
            return None;
        }
        segments.push(encode(segment));
    }
    Some(format!("{}:/{}{tail}", encode(anchor), segments.join("/")))
}

/// One segment of a path, percent-encoded.
pub(crate) fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = Route {
        key: "MgUserDriveItemUploadSession",
        version: "v1.0",
        path: "/users/{UserId}/drives/{DriveId}/items/{DriveItemId}/microsoft.graph.createUploadSession",
        family: Family::Drive,
        body_member: "item",
    };

    fn path(user: &str, drive: &str, item: &str) -> Result<String, BadIds> {
        ROUTE.path_with(|name| match name {
            "UserId" => Some(user),
            "DriveId" => Some(drive),
            "DriveItemId" => Some(item),
            _ => None,
        })
    }

    #[test]
    fn ids_are_encoded_and_paths_keep_their_shape() {
        for (item, encoded) in [
            ("01ITEM", "01ITEM"),
            ("a b#c%d/e+f", "a%20b%23c%25d%2Fe%2Bf"),
            ("b!x", "b%21x"),
            ("ü(1)", "%C3%BC%281%29"),
            (
                "root:/dir a/ü#?&=;,@$()*~[x].txt:",
                "root:/dir%20a/%C3%BC%23%3F%26%3D%3B%2C%40%24%28%29%2A~%5Bx%5D.txt:",
            ),
            ("01FOLDER:/n:m.bin:", "01FOLDER:/n%3Am.bin:"),
            ("root:/a b.txt", "root:/a%20b.txt"),
            ("x:y", "x%3Ay"),
            (" ", "%20"),
        ] {
            assert_eq!(
                path("u@t", "d", item).unwrap(),
                format!("/v1.0/users/u%40t/drives/d/items/{encoded}/microsoft.graph.createUploadSession")
            );
        }
    }

    #[test]
    fn ids_that_make_no_path_are_refused() {
        assert_eq!(path("", "d", "i"), Err(BadIds::Missing("UserId".into())));
        assert_eq!(path("u", ".", "i"), Err(BadIds::Dots("DriveId".into())));
        assert_eq!(path("u", "d", ".."), Err(BadIds::Dots("DriveItemId".into())));
        assert_eq!(path("u", "d", "root:/a/../b:"), Err(BadIds::Dots("DriveItemId".into())));
    }

    #[test]
    fn every_row_names_its_ids_and_has_a_key_of_its_own() {
        let mut keys: Vec<_> = crate::routes::ROUTES.iter().map(|route| route.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), crate::routes::ROUTES.len());
        for route in crate::routes::ROUTES {
            assert!(route.path_with(|_| Some("x")).is_ok_and(|path| !path.contains('{')), "{}", route.key);
            assert!(route.id_names().count() > 0, "{}", route.key);
        }
        assert!(find("mguserdriverootuploadsession").is_some());
    }
}
