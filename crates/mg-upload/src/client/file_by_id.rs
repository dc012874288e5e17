//! What an item's id together with a file's name means. To a folder's id belongs a new file of that name, and that is what
//! is asked for. Where the service has no such folder, the id may be the file's own: then that file is replaced. Only the
//! item itself can tell, and it is asked only after a refusal.

use serde_json::{Map, Value};

use crate::client::{Call, Client};
use crate::error::Error;
use crate::error::graph_error::member;
use crate::net::Transport;
use crate::progress::Progress;
use crate::protocol::create::Described;
use crate::protocol::session::CreateRequest;

const SELECT: &str = "$select=id,name,file,parentReference";

impl<T: Transport> Client<T> {
    /// The request for the file that a request names by its id, where `refused` may come of that id's being no folder.
    pub(crate) async fn file_by_id(
        &self,
        described: &Described,
        refused: &Error,
        progress: &Progress,
    ) -> Result<Option<CreateRequest>, Error> {
        if !described.takes_id_for_folder || !may_be_no_folder(refused) {
            return Ok(None);
        }
        let item = described.place.folder().map(|item| item.path(described.addressing, "", SELECT));
        let url = format!("{}{}", self.endpoint(), item.unwrap_or_default());
        let own_token = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("authorization");
        let headers: Vec<_> = described.headers.iter().filter(own_token).cloned().collect();
        let call = Call { headers: &headers, with_token: headers.is_empty(), ..Call::look(&url) };
        // Without an answer the refusal stands.
        let Ok((response, _)) = self.call(call, progress).await else { return Ok(None) };
        response.object().map_or(Ok(None), |item| request_for(described, &item))
    }
}

/// The request for the file that `item` is. The place of a file that is no folder is certain only by its id; a personal
/// drive takes no id there, but the folder's with the name.
fn request_for(described: &Described, item: &Map<String, Value>) -> Result<Option<CreateRequest>, Error> {
    if !member(item, "file").is_some_and(Value::is_object) {
        return Ok(None);
    }
    let text = |object: &Map<String, Value>, name| member(object, name)?.as_str().map(str::to_owned);
    let (own, wanted) = (text(item, "name"), described.place.name());
    if own.as_deref() != wanted {
        return Err(Error::InvalidInput(format!(
            "DriveItemId is the file '{}' and no folder that could hold '{}': leave the name out to replace that file",
            own.unwrap_or_default(),
            wanted.unwrap_or_default()
        )));
    }
    let parent = member(item, "parentReference").and_then(Value::as_object);
    let of_parent = |name| parent.and_then(|parent| text(parent, name));
    let mut meant = described.request.clone();
    if of_parent("driveType").as_deref() == Some("personal") {
        let (Some(folder), Some(name)) = (of_parent("id"), wanted) else { return Ok(None) };
        meant.ids.insert("DriveItemId".into(), format!("{folder}:/{name}:"));
        return Ok(Some(meant));
    }
    let mut body: Value = serde_json::from_str(meant.body.get())
        .map_err(|error| Error::InvalidInput(format!("the body cannot be read: {error}")))?;
    let file = body.as_object_mut().and_then(|body| body.get_mut(described.route.body_member));
    if let Some(file) = file.and_then(Value::as_object_mut) {
        file.retain(|name, _| !name.eq_ignore_ascii_case("name"));
    }
    meant.body = serde_json::value::to_raw_value(&body)
        .map_err(|error| Error::Unexpected(format!("the body cannot be written: {error}")))?;
    Ok(Some(meant))
}

/// Services say in several ways that an item has no children.
fn may_be_no_folder(error: &Error) -> bool {
    let Error::Refused(refusal) = error else { return false };
    matches!(refusal.response.status, 400 | 404 | 405 | 409) && !refusal.graph.has_code("nameAlreadyExists")
}
