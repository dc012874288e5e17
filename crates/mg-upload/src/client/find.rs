//! Has the file arrived after all? After a lost last answer the session answers 404, as it does when it has expired:
//! only the destination tells the two apart.

use jiff::Timestamp;
use quick_xor_hash::{QuickXor, matches};
use serde_json::{Map, Value};

use crate::address::same_host;
use crate::client::{Call, Client};
use crate::error::graph_error::member;
use crate::error::{Error, Kind};
use crate::family::Family;
use crate::net::Transport;
use crate::progress::Progress;
use crate::protocol::create::{Described, file_in};
use crate::protocol::item::{may_be_rewritten, reported_hash, reported_size};
use crate::protocol::route::find as find_route;
use crate::protocol::session::CreateRequest;

pub(crate) const SELECT: &str = "$select=id,name,size,file,eTag,cTag,parentReference,webUrl,fileSystemInfo,createdDateTime,lastModifiedDateTime";

/// Pages of a list that are read.
const PAGES: usize = 20;
/// How much SharePoint adds to a file, or takes from it, when it writes properties: this much, or a twentieth.
const REWRITING: u64 = 64 * 1024;

/// The file that is looked for.
pub(crate) struct Sought<'a> {
    /// What was sent.
    pub content: &'a QuickXor,
    /// When that began, on the service's clock: what is older is another file.
    pub began: Timestamp,
    /// Whether its last byte was sent: without, only the very content counts.
    pub all_sent: bool,
}

/// What looking has brought.
pub(crate) enum Found {
    /// The file is there.
    Item(Map<String, Value>),
    /// It is not.
    Nothing,
    /// Nobody can tell.
    Unknown(Error),
}

/// Looks at the place of the file that a request describes.
pub(crate) async fn find<T: Transport>(
    client: &Client<T>,
    described: &Described,
    sought: &Sought<'_>,
    progress: &Progress,
) -> Found {
    let file = described.file.as_ref();
    for path in places(described) {
        let mut next = Some(format!("{}{path}", client.endpoint()));
        for _ in 0..PAGES {
            let Some(url) = next.take() else { break };
            match client.call(Call::look(&url), progress).await {
                Ok((response, _)) => {
                    let Some(object) = response.object() else { break };
                    next = member(&object, "@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
                    next = next.filter(|next| same_host(next, client.endpoint()));
                    let is_other = |item: &Map<String, Value>| client.knew_attachment(item, sought.began);
                    if let Some(item) = pick(described.route.family, object, file, sought, &is_other) {
                        return Found::Item(item);
                    }
                }
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Found::Unknown(error),
            }
        }
    }
    Found::Nothing
}

/// The size that a session was made for, where its kind is made for one.
pub(crate) fn size_made_for(origin: &CreateRequest) -> Option<u64> {
    let route = find_route(&origin.route).filter(|route| route.family != Family::Drive)?;
    member(&file_in(origin.body.get(), route.body_member)?, "size")?.as_u64()
}

/// The paths to read, in order.
fn places(described: &Described) -> Vec<String> {
    let Described { route, place, addressing, file, .. } = described;
    let behavior = file.as_ref().and_then(|file| member(file, "@microsoft.graph.conflictBehavior"));
    match route.family {
        Family::Drive => {
            let mut places = vec![place.path(*addressing, "", SELECT)];
            // With `rename` nobody knows the final name but the folder.
            if let Some(folder) =
                place.folder().filter(|_| behavior.and_then(Value::as_str) == Some("rename"))
            {
                places.push(folder.path(*addressing, "/children", SELECT));
            }
            places
        }
        Family::Outlook | Family::Todo => {
            vec![place.path(*addressing, "", "$select=id,name,size,lastModifiedDateTime")]
        }
        Family::Print => vec![place.path(*addressing, "", "")],
    }
}

/// The item in an answer, or in the list that it holds, which is the file, and no other one that is known.
fn pick(
    family: Family,
    object: Map<String, Value>,
    file: Option<&Map<String, Value>>,
    sought: &Sought<'_>,
    is_other: &dyn Fn(&Map<String, Value>) -> bool,
) -> Option<Map<String, Value>> {
    if let Some(Value::Array(list)) = member(&object, "value") {
        // In a list, only the name tells which item could be the one.
        let mut named =
            list.iter().filter_map(Value::as_object).filter(|item| is_named_like(family, item, file));
        return named.find(|item| is_the_file(family, item, sought) && !is_other(item)).cloned();
    }
    is_the_file(family, &object, sought).then_some(object)
}

/// Whether an item has the file's name, or one that a drive's `rename` makes of it (`name 1.ext`).
fn is_named_like(family: Family, item: &Map<String, Value>, file: Option<&Map<String, Value>>) -> bool {
    let name = |object| member(object, "name").and_then(Value::as_str);
    let (Some(own), Some(wanted)) = (name(item), file.and_then(name)) else {
        return file.and_then(name).is_none();
    };
    let (stem, extension) =
        wanted.rsplit_once('.').map_or((wanted, ""), |(stem, extension)| (stem, extension));
    own == wanted || family == Family::Drive && own.starts_with(stem) && own.ends_with(extension)
}

fn is_the_file(family: Family, item: &Map<String, Value>, sought: &Sought<'_>) -> bool {
    let Sought { content, began, all_sent } = *sought;
    let size = reported_size(item);
    let time =
        member(item, "lastModifiedDateTime").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let is_new = time.is_none_or(|time: Timestamp| time >= began);
    match family {
        Family::Drive => match reported_hash(item) {
            Some(hash) if size == Some(content.len()) && matches(hash, &content.digest()) => true,
            // No hash yet, or another one of a kind of file that SharePoint writes into.
            None => all_sent && is_new && time.is_some() && size == Some(content.len()),
            Some(_) => {
                let near = REWRITING.max(content.len() / 20);
                let is_near = size.is_some_and(|size| size.abs_diff(content.len()) <= near);
                all_sent && is_new && time.is_some() && is_near && may_be_rewritten(item)
            }
        },
        // Attachments grow by their envelope.
        Family::Outlook | Family::Todo => {
            let most = content.len() + content.len() / 2 + (1 << 20);
            all_sent && is_new && size.is_some_and(|size| (content.len()..=most).contains(&size))
        }
        Family::Print => {
            all_sent
                && member(item, "uploadedDateTime").is_some_and(Value::is_string)
                && size.is_none_or(|size| size == content.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::create::describe;

    fn object(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_places_follow_from_the_request_that_made_the_session() {
        let looked_at = |route: &str, id: &str, file: &str| {
            let ids = format!(r#"{{"DriveId":"d","DriveItemId":"{id}"}}"#);
            let request = format!(r#"{{"route":"{route}","ids":{ids},"body":{{"item":{file}}}}}"#);
            let described = describe(serde_json::from_str(&request).unwrap(), "https://h").unwrap();
            let short = |path: String| {
                path.split('?').next().unwrap().trim_start_matches("/v1.0/drives/d/").to_owned()
            };
            places(&described).into_iter().map(short).collect::<Vec<_>>()
        };
        let rename = r#"{"@microsoft.graph.conflictBehavior":"rename"}"#;
        let item = "MgDriveItemUploadSession";
        assert_eq!(looked_at("MgDriveRootUploadSession", "", r#"{"name":"a b.bin"}"#), ["root:/a%20b.bin"]);
        assert_eq!(looked_at(item, "i", "{}"), ["items/i"]);
        assert_eq!(looked_at(item, "i", rename), ["items/i"]);
        assert_eq!(looked_at(item, "i", r#"{"name":"a.bin"}"#), ["items/i:/a.bin"]);
        assert_eq!(looked_at(item, "root:/f/a.bin:", "{}"), ["items/root:/f/a.bin"]);
        assert_eq!(
            looked_at(item, "root:/f/a.bin", rename),
            ["items/root:/f/a.bin", "items/root:/f:/children"]
        );
        assert_eq!(looked_at(item, "i:/a.bin:", rename), ["items/i:/a.bin", "items/i/children"]);
    }

    #[test]
    fn only_the_file_itself_counts() {
        let mut content = QuickXor::default();
        content.update(b"abc");
        let began = "2026-01-01T00:00:00Z".parse().unwrap();
        let sought = |all_sent| Sought { content: &content, began, all_sent };
        let found = |family, json: &str, name: Option<&str>, all_sent| {
            let file = name.map(|name| object(&format!(r#"{{"name":"{name}"}}"#)));
            pick(family, object(json), file.as_ref(), &sought(all_sent), &|_| false).is_some()
        };
        let same = r#"{"id":"1","name":"a 1.bin","size":3,"file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#;
        assert!(found(Family::Drive, same, None, false));
        assert!(found(Family::Drive, &format!(r#"{{"value":[{{"id":"0"}},{same}]}}"#), Some("a.bin"), false));
        assert!(!found(Family::Drive, &format!(r#"{{"value":[{same}]}}"#), Some("b.bin"), true));
        let no_hash = |time: &str| format!(r#"{{"name":"a.bin","size":3,"lastModifiedDateTime":"{time}"}}"#);
        assert!(found(Family::Drive, &no_hash("2026-01-01T00:00:01Z"), None, true));
        assert!(!found(Family::Drive, &no_hash("2026-01-01T00:00:01Z"), None, false));
        assert!(!found(Family::Drive, &no_hash("2025-01-01T00:00:01Z"), None, true));
        assert!(!found(Family::Drive, r#"{"size":3}"#, None, true));
        // Another hash counts for a kind of file that SharePoint writes into, and for no other.
        let rewritten = |name: &str, size: u32, drive: &str| {
            format!(
                r#"{{"name":"{name}","size":{size},"file":{{"hashes":{{"quickXorHash":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}},
                "lastModifiedDateTime":"2026-01-01T00:00:01Z","parentReference":{{"driveType":"{drive}"}}}}"#
            )
        };
        assert!(found(Family::Drive, &rewritten("a.docx", 60_000, "business"), None, true));
        assert!(!found(Family::Drive, &rewritten("a.docx", 60_000, "business"), None, false));
        assert!(!found(Family::Drive, &rewritten("a.docx", 70_000, "business"), None, true));
        assert!(!found(Family::Drive, &rewritten("a.docx", 60_000, "personal"), None, true));
        assert!(!found(Family::Drive, &rewritten("a.bin", 3, "business"), None, true));
        let listed = |size: u32, time: &str| {
            format!(r#"{{"value":[{{"name":"a.jpg","size":{size},"lastModifiedDateTime":"{time}"}}]}}"#)
        };
        assert!(found(Family::Outlook, &listed(9, "2026-01-01T00:00:01Z"), Some("a.jpg"), true));
        assert!(!found(Family::Outlook, &listed(9, "2026-01-01T00:00:01Z"), Some("a.jpg"), false));
        assert!(!found(Family::Outlook, &listed(9, "2025-01-01T00:00:01Z"), Some("a.jpg"), true));
        assert!(!found(Family::Outlook, &listed(9_000_000, "2026-01-01T00:00:01Z"), Some("a.jpg"), true));
        assert!(!found(Family::Outlook, &listed(9, "2026-01-01T00:00:01Z"), Some("b.jpg"), true));
        assert!(!found(Family::Print, r#"{"size":3}"#, None, true));
        assert!(found(Family::Print, r#"{"size":3,"uploadedDateTime":"2026"}"#, None, true));
    }
}
