//! Where a request goes: a node of Graph, and for a drive the names of the path that begins there.

use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A row of the one table of clouds, which the PowerShell module reads too. Here only the Graph and its ways matter.
#[derive(Debug, Deserialize)]
struct Cloud {
    graph: String,
    #[serde(default)]
    addressing: Addressing,
}

static CLOUDS: LazyLock<Vec<Cloud>> =
    LazyLock::new(|| serde_json::from_str(include_str!("clouds.json")).unwrap_or_default());

/// The hosts of those that refuse colons.
static WITHOUT_COLONS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let refuse = CLOUDS.iter().filter(|cloud| cloud.addressing == Addressing::Children);
    refuse.filter_map(|cloud| host(&cloud.graph)).collect()
});

/// How a cloud addresses an item by its path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// `items/{id}:/{path}:`
    #[default]
    Colons,
    /// `items/{id}/children('{name}')`: Graph in China refuses colons.
    Children,
}

impl Addressing {
    /// What the Graph at this address understands.
    pub fn of(endpoint: &str) -> Addressing {
        let host = host(endpoint).unwrap_or_default();
        match WITHOUT_COLONS.iter().any(|other| other.eq_ignore_ascii_case(host)) {
            true => Addressing::Children,
            false => Addressing::Colons,
        }
    }
}

fn host(endpoint: &str) -> Option<&str> {
    endpoint.split_once("//")?.1.split(['/', ':']).next()
}

/// Why ids and a name make no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// An id is missing or empty.
    #[error("{0} is missing or empty")]
    Missing(String),
    /// An id that would collapse the path.
    #[error("{0} is '.' or '..', which no id can be")]
    Dots(String),
    /// A name that would lead elsewhere.
    #[error("'{0}' is no file's name: a path belongs to the item, as root:/folder/name:")]
    Name(String),
    /// A path that ends with a slash.
    #[error("the path '{0}' names a folder: the file's name is missing")]
    Folder(String),
}

/// A node of Graph and the names below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path of the node from the host on, its ids encoded.
    pub node: String,
    /// The names of the path that begins there; none where the node itself is meant.
    pub below: Vec<String>,
}

impl Place {
    /// The path from the host on, with what is done there (`/content`, or nothing) and a query (or nothing).
    pub fn path(&self, addressing: Addressing, action: &str, query: &str) -> String {
        let Place { node, below } = self;
        let join = |names: Vec<String>| names.join("/");
        let encoded = || join(below.iter().map(|name| encode(name)).collect());
        let quoted = || below.iter().map(|name| name.replace('\'', "''")).collect::<Vec<_>>();
        let (place, alias) = match (addressing, below.as_slice()) {
            (_, []) => (node.clone(), None),
            (Addressing::Colons, _) if action.is_empty() => (format!("{node}:/{}", encoded()), None),
            (Addressing::Colons, _) => (format!("{node}:/{}:", encoded()), None),
            (Addressing::Children, [_]) => (format!("{node}/children('{}')", encode(&join(quoted()))), None),
            (Addressing::Children, _) => {
                let path = encode(&format!("'{}'", join(quoted())));
                (format!("{node}/children('@a1')"), Some(format!("@a1={path}")))
            }
        };
        let query: Vec<&str> =
            alias.as_deref().into_iter().chain([query]).filter(|q| !q.is_empty()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{place}{action}{mark}{}", query.join("&"))
    }

    /// The folder that holds the file, where the path names one.
    pub fn folder(&self) -> Option<Place> {
        let (_, below) = self.below.split_last()?;
        Some(Place { node: self.node.clone(), below: below.to_vec() })
    }

    /// The file's name, where the path names it.
    pub fn name(&self) -> Option<&str> {
        self.below.last().map(String::as_str)
    }

    /// The place as a person reads it.
    pub fn shown(&self) -> String {
        let below = self.below.join("/");
        if below.is_empty() { self.node.clone() } else { format!("{}:/{below}", self.node) }
    }
}

/// A drive item's id, which may carry a path (`root:/folder/file.bin:`, `{folderId}:/file.bin:`): the id, encoded, and
/// the names of the path. The closing colon may be missing. Where the path names no file, `name` is the file's: an item
/// without a path then counts as a folder, and so does a path that ends with a slash.
pub(crate) fn drive_item(id: &str, name: Option<&str>) -> Result<(String, Vec<String>), BadPlace> {
    let dots = || BadPlace::Dots("DriveItemId".into());
    let (item, path) = match id.split_once(":/") {
        Some((item, path)) => (item, path.strip_suffix(':').unwrap_or(path)),
        None => (id.strip_suffix(':').unwrap_or(id), ""),
    };
    if item.is_empty() {
        return Err(BadPlace::Missing("DriveItemId".into()));
    }
    let (folders, is_folder) = match path.strip_suffix('/') {
        Some(folders) => (folders, true),
        None => (path, path.is_empty()),
    };
    let mut below: Vec<String> = if folders.is_empty() { Vec::new() } else { segments(folders) };
    match name {
        Some(name) if is_folder => below.push(file_name(name)?),
        None if is_folder && !below.is_empty() => return Err(BadPlace::Folder(id.into())),
        _ => {}
    }
    if is_dots(item) || below.iter().any(|name| is_dots(name)) {
        return Err(dots());
    }
    Ok((encode(item), below))
}

/// A name that can stand in a path. Graph reads an encoded slash as a slash, and a folder comes of it.
pub(crate) fn file_name(name: &str) -> Result<String, BadPlace> {
    if name.contains('/') || is_dots(name) { Err(BadPlace::Name(name.into())) } else { Ok(name.into()) }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// One segment of a path, percent-encoded.
pub(crate) fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

pub(crate) fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(node: &str, below: &[&str]) -> Place {
        Place { node: node.into(), below: below.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn a_place_is_written_as_its_cloud_reads_it() {
        let (colons, china) = (Addressing::Colons, Addressing::Children);
        let root = place("/v1.0/drives/d/root", &[]);
        let one = place("/d/items/f", &["a'(b).bin"]);
        let deep = place("/d/root", &["x y", "a.bin"]);
        for (place, addressing, action, query, path) in [
            (&root, colons, "/content", "", "/v1.0/drives/d/root/content"),
            (&root, china, "", "$select=id", "/v1.0/drives/d/root?$select=id"),
            (&one, colons, "", "", "/d/items/f:/a%27%28b%29.bin"),
            (&one, colons, "/content", "a=b", "/d/items/f:/a%27%28b%29.bin:/content?a=b"),
            (&one, china, "/content", "", "/d/items/f/children('a%27%27%28b%29.bin')/content"),
            (&deep, colons, "/children", "", "/d/root:/x%20y/a.bin:/children"),
            (&deep, china, "/go", "a=b", "/d/root/children('@a1')/go?@a1=%27x%20y%2Fa.bin%27&a=b"),
        ] {
            assert_eq!(place.path(addressing, action, query), path);
        }
        assert_eq!(deep.folder(), Some(place("/d/root", &["x y"])));
        assert_eq!((one.name(), root.folder()), (Some("a'(b).bin"), None));
        assert_eq!(deep.shown(), "/d/root:/x y/a.bin");
    }

    #[test]
    fn the_table_of_clouds_is_read() {
        let graphs: Vec<_> = CLOUDS.iter().map(|cloud| cloud.graph.as_str()).collect();
        assert!(graphs.contains(&"https://graph.microsoft.com") && graphs.len() == 7, "{graphs:?}");
    }

    #[test]
    fn china_is_known_by_its_host() {
        for (endpoint, addressing) in [
            ("https://microsoftgraph.chinacloudapi.cn", Addressing::Children),
            ("https://MicrosoftGraph.ChinaCloudApi.cn:443/", Addressing::Children),
            ("https://graph.microsoft.com", Addressing::Colons),
            ("https://graph.microsoft.com/microsoftgraph.chinacloudapi.cn", Addressing::Colons),
        ] {
            assert_eq!(Addressing::of(endpoint), addressing, "{endpoint}");
        }
    }

    #[test]
    fn an_item_its_path_and_the_name_make_a_place() {
        for (id, name, item, below) in [
            ("01F", None, "01F", &[][..]),
            ("01F", Some("a.bin"), "01F", &["a.bin"]),
            ("root", Some("a.bin"), "root", &["a.bin"]),
            ("root:", Some("a.bin"), "root", &["a.bin"]),
            ("root:/", Some("a.bin"), "root", &["a.bin"]),
            ("root:/:", None, "root", &[]),
            ("root:/a.bin:", None, "root", &["a.bin"]),
            ("root:/dir/a.bin", Some("a.bin"), "root", &["dir", "a.bin"]),
            ("01F:/a.bin", None, "01F", &["a.bin"]),
            ("01F:/dir/", Some("a.bin"), "01F", &["dir", "a.bin"]),
            ("01F:/dir/:", Some("a:b"), "01F", &["dir", "a:b"]),
            // The service compares the two; no guess is made.
            ("root:/dir:", Some("a.bin"), "root", &["dir"]),
            ("x:y", None, "x%3Ay", &[]),
            ("a b/c", None, "a%20b%2Fc", &[]),
        ] {
            let below: Vec<String> = below.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(drive_item(id, name), Ok((item.to_owned(), below)), "{id} {name:?}");
        }
        for (id, name) in
            [("..", None), ("root:/a/../b:", None), ("root:/.", None), (":/a", None), ("root:/dir/", None)]
        {
            assert!(drive_item(id, name).is_err(), "{id}");
        }
        for name in ["dir/a.bin", "..", "."] {
            assert_eq!(drive_item("01F", Some(name)), Err(BadPlace::Name(name.into())));
        }
    }
}
