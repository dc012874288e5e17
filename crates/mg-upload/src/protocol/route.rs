//! The endpoints that create sessions: a row each, and the place that a row, its ids and a file's name make.

use crate::protocol::place::{BadPlace, Place, drive_item, encode, file_name, is_dots};

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

/// What stands at the end of every row's path.
pub(crate) const ACTION: &str = "/microsoft.graph.createUploadSession";

/// The row with this key, whatever its case.
pub fn find(key: &str) -> Option<&'static Route> {
    crate::protocol::ROUTES.iter().find(|route| route.key.eq_ignore_ascii_case(key))
}

impl Route {
    /// Where this row's request goes. `id` gives an id by its name; `name` is the file's, where the body has it. A drive
    /// wants it in the path: Graph opens no session on a root or a folder.
    pub fn place<'a>(
        &self,
        id: impl Fn(&str) -> Option<&'a str>,
        name: Option<&str>,
    ) -> Result<Place, BadPlace> {
        let name = name.filter(|name| self.family == Family::Drive && !name.is_empty());
        let mut node = format!("/{}", self.version);
        let below = name.map(file_name).transpose();
        for part in self.path.trim_end_matches(ACTION).split_inclusive('}') {
            let (literal, id_name) = part.split_once('{').unwrap_or((part, ""));
            node.push_str(literal);
            let Some(id_name) = id_name.strip_suffix('}') else { continue };
            let value = id(id_name).filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| BadPlace::Missing(id_name.into()))?;
            if id_name == "DriveItemId" {
                let (item, path) = drive_item(value, name)?;
                node.push_str(&item);
                return Ok(Place { node, below: path });
            }
            if is_dots(value) {
                return Err(BadPlace::Dots(id_name.into()));
            }
            // Graph documents the signed-in user as a place of its own, and no user of this name.
            if value.eq_ignore_ascii_case("me") && literal == "/users/" && node.ends_with("/users/") {
                node.truncate(node.len() - "users/".len());
                node.push_str("me");
                continue;
            }
            node.push_str(&encode(value));
        }
        Ok(Place { node, below: below?.into_iter().collect() })
    }

    /// The ids that the path needs, in its order.
    pub fn id_names(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::place::Addressing;

    const ROUTE: Route = Route {
        key: "MgUserDriveItemUploadSession",
        version: "v1.0",
        path: "/users/{UserId}/drives/{DriveId}/items/{DriveItemId}/microsoft.graph.createUploadSession",
        family: Family::Drive,
        body_member: "item",
    };

    fn path(user: &str, drive: &str, item: &str) -> Result<String, BadPlace> {
        let id = |name: &str| match name {
            "UserId" => Some(user),
            "DriveId" => Some(drive),
            "DriveItemId" => Some(item),
            _ => None,
        };
        Ok(ROUTE.place(id, None)?.path(Addressing::Colons, ACTION, ""))
    }

    #[test]
    fn the_signed_in_user_has_a_place_of_its_own() {
        for user in ["me", "ME"] {
            let path = path(user, "d", "i").unwrap();
            assert!(path.starts_with("/v1.0/me/drives/d/items/i/"), "{path}");
        }
        assert!(path("me@contoso.com", "d", "i").unwrap().starts_with("/v1.0/users/me%40contoso.com/"));
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
            ("root:/a b.txt", "root:/a%20b.txt:"),
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
        assert_eq!(path("", "d", "i"), Err(BadPlace::Missing("UserId".into())));
        assert_eq!(path("u", ".", "i"), Err(BadPlace::Dots("DriveId".into())));
        assert_eq!(path("u", "d", ".."), Err(BadPlace::Dots("DriveItemId".into())));
        assert_eq!(path("u", "d", "root:/a/../b:"), Err(BadPlace::Dots("DriveItemId".into())));
    }

    #[test]
    fn only_a_drive_wants_the_name_in_its_path() {
        for route in crate::protocol::ROUTES {
            let place = route.place(|_| Some("x"), Some("a.bin")).unwrap();
            let expected = (route.family == Family::Drive).then_some("a.bin");
            assert_eq!(place.name(), expected, "{}", route.key);
            assert_eq!(route.place(|_| Some("x"), Some("")).unwrap().name(), None, "{}", route.key);
        }
        let root = find("MgDriveRootUploadSession").unwrap();
        assert_eq!(root.place(|_| Some("d"), Some("a/b")), Err(BadPlace::Name("a/b".into())));
    }

    #[test]
    fn every_row_names_its_ids_and_has_a_key_of_its_own() {
        let mut keys: Vec<_> = crate::protocol::ROUTES.iter().map(|route| route.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), crate::protocol::ROUTES.len());
        for route in crate::protocol::ROUTES {
            assert!(route.path.ends_with(ACTION), "{}", route.key);
            assert!(
                route.place(|_| Some("x"), None).is_ok_and(|place| !place.node.contains('{')),
                "{}",
                route.key
            );
            assert!(route.id_names().count() > 0, "{}", route.key);
        }
        assert!(find("mguserdriverootuploadsession").is_some());
    }
}
