//! Has the file arrived after all? After a lost last answer the session answers 404, as it does when it has expired:
//! only the destination tells the two apart.

use serde_json::{Map, Value};
use tracing::debug;

use super::verify::{reported_hash, reported_size};
use crate::client::{Call, Client};
use crate::error::{Error, Kind};
use crate::family::Family;
use crate::graph_error::member;
use crate::progress::Progress;
use crate::quick_xor::{QuickXor, matches};
use crate::route::encode;
use crate::session::CreateRequest;
use crate::sessions::{Described, describe};
use crate::transport::{Method, Transport};

const ACTION: &str = "/microsoft.graph.createUploadSession";
const SELECT: &str = "$select=id,name,size,file,eTag,cTag,parentReference,webUrl,fileSystemInfo,createdDateTime,lastModifiedDateTime";

/// Looks at the place that `origin` names for a file of this content. `None`: not there, or nobody can tell.
pub(super) async fn find<T: Transport>(
    client: &Client<T>,
    origin: &CreateRequest,
    content: &QuickXor,
    progress: &Progress,
) -> Option<Map<String, Value>> {
    let described = describe(origin).ok()?;
    let base = described.path.strip_suffix(ACTION)?;
    let file = described_file(&described);
    let file = file.as_ref();
    for path in places(described.route.family, base, file) {
        let url = format!("{}{path}", client.endpoint());
        let call = Call { method: Method::Get, url: &url, headers: &[], body: None, with_token: true };
        match client.call(call, progress).await {
            Ok((answer, _)) => {
                let found =
                    answer.object().and_then(|object| pick(described.route.family, object, file, content));
                if found.is_some() {
                    return found;
                }
            }
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => debug!(%error, "the destination cannot be read"),
        }
    }
    None
}

/// The file's own path, and what the create request says of the file.
pub(super) fn drive_path(origin: &CreateRequest) -> Result<(String, Option<Map<String, Value>>), Error> {
    let described = describe(origin)?;
    let base = described.path.trim_end_matches(ACTION);
    let file = described_file(&described);
    let name = file.as_ref().and_then(|file| member(file, "name")).and_then(Value::as_str);
    let path = match name {
        Some(name) if !base.ends_with(':') => format!("{base}:/{}", encode(name)),
        _ => base.trim_end_matches(':').to_owned(),
    };
    Ok((path, file))
}

/// What the body of a create request says of the file.
fn described_file(described: &Described) -> Option<Map<String, Value>> {
    let body: Map<String, Value> = serde_json::from_slice(&described.body).ok()?;
    member(&body, described.route.body_member)?.as_object().cloned()
}

/// The paths to read, in order.
fn places(family: Family, base: &str, file: Option<&Map<String, Value>>) -> Vec<String> {
    let text = |name| file.and_then(|file| member(file, name)).and_then(Value::as_str);
    match family {
        Family::Drive => {
            let by_path = base.ends_with(':');
            let anchor = base.trim_end_matches(':');
            let mut places = Vec::new();
            if let Some(name) = text("name").filter(|_| !by_path) {
                places.push(format!("{anchor}:/{}?{SELECT}", encode(name)));
            }
            if by_path || !base.ends_with("/root") {
                places.push(format!("{anchor}?{SELECT}"));
            }
            // With `rename` nobody knows the final name but the folder.
            if text("@microsoft.graph.conflictBehavior") == Some("rename") {
                places.push(match anchor.rsplit_once('/') {
                    // `items/{folder}:/name` is a child of the folder, `root:/a/name` one of the path `root:/a`.
                    Some((parent, _)) if by_path => match parent.strip_suffix(':') {
                        Some(folder) => format!("{folder}/children?{SELECT}"),
                        None => format!("{parent}:/children?{SELECT}"),
                    },
                    _ => format!("{anchor}/children?{SELECT}"),
                });
            }
            places
        }
        Family::Outlook | Family::Todo => vec![format!("{base}?$select=id,name,size")],
        Family::Print => vec![base.to_owned()],
    }
}

/// The item in an answer, or in the list that it holds, which is the file.
fn pick(
    family: Family,
    object: Map<String, Value>,
    file: Option<&Map<String, Value>>,
    content: &QuickXor,
) -> Option<Map<String, Value>> {
    if let Some(Value::Array(list)) = member(&object, "value") {
        return list
            .iter()
            .filter_map(Value::as_object)
            .find(|item| is_the_file(family, item, file, content))
            .cloned();
    }
    is_the_file(family, &object, file, content).then_some(object)
}

fn is_the_file(
    family: Family,
    item: &Map<String, Value>,
    file: Option<&Map<String, Value>>,
    content: &QuickXor,
) -> bool {
    match family {
        // Size alone would also fit an older version of the same length.
        Family::Drive => {
            reported_size(item) == Some(content.len())
                && reported_hash(item).is_some_and(|hash| matches(hash, &content.digest()))
        }
        // Attachments grow by their envelope.
        Family::Outlook | Family::Todo => {
            let name = |object| member(object, "name").and_then(Value::as_str);
            file.and_then(name).is_some_and(|wanted| name(item) == Some(wanted))
                && reported_size(item).is_some_and(|size| size >= content.len())
        }
        Family::Print => {
            member(item, "uploadedDateTime").is_some_and(Value::is_string)
                && reported_size(item).is_none_or(|size| size == content.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_places_follow_from_the_path_that_made_the_session() {
        let first = |base: &str, file: &str| {
            places(Family::Drive, base, Some(&object(file)))
                .into_iter()
                .map(|p| p.split('?').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(first("/v1.0/drives/d/root", r#"{"name":"a b.bin"}"#), ["/v1.0/drives/d/root:/a%20b.bin"]);
        assert_eq!(first("/v1.0/drives/d/items/i", "{}"), ["/v1.0/drives/d/items/i"]);
        assert_eq!(
            first("/v1.0/drives/d/items/root:/f/a.bin:", "{}"),
            ["/v1.0/drives/d/items/root:/f/a.bin"]
        );
        assert_eq!(
            first("/v1.0/drives/d/items/root:/f/a.bin:", r#"{"@microsoft.graph.conflictBehavior":"rename"}"#),
            ["/v1.0/drives/d/items/root:/f/a.bin", "/v1.0/drives/d/items/root:/f:/children"]
        );
        assert_eq!(
            first("/v1.0/drives/d/items/i:/a.bin:", r#"{"@microsoft.graph.conflictBehavior":"rename"}"#),
            ["/v1.0/drives/d/items/i:/a.bin", "/v1.0/drives/d/items/i/children"]
        );
    }

    #[test]
    fn only_the_same_content_counts() {
        let mut content = QuickXor::default();
        content.update(b"abc");
        let same = r#"{"id":"1","size":3,"file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#;
        assert!(pick(Family::Drive, object(same), None, &content).is_some());
        assert!(
            pick(Family::Drive, object(&format!(r#"{{"value":[{{"id":"0"}},{same}]}}"#)), None, &content)
                .is_some()
        );
        assert!(pick(Family::Drive, object(r#"{"size":3}"#), None, &content).is_none());
        let wanted = object(r#"{"name":"a.jpg"}"#);
        let listed = object(r#"{"value":[{"name":"a.jpg","size":9}]}"#);
        assert!(pick(Family::Outlook, listed, Some(&wanted), &content).is_some());
        assert!(pick(Family::Print, object(r#"{"size":3}"#), None, &content).is_none());
        assert!(
            pick(Family::Print, object(r#"{"size":3,"uploadedDateTime":"2026"}"#), None, &content).is_some()
        );
    }
}
