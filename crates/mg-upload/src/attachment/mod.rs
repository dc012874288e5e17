//! Files attached to a message, an event, a post or a task: a small one in one request, any other through a session.

mod fit;
mod send;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::client::{Call, Client};
use crate::error::Error;
use crate::error::graph_error::member;
use crate::family::Family;
use crate::net::Transport;
use crate::progress::{Phase, Progress};
use crate::protocol::create::{Described, describe};
use crate::protocol::session::CreateRequest;

pub use fit::{Planned, Present, Standing};

/// Pages of a list that are read.
const PAGES: usize = 100;

/// What something is that files are attached to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The row of the route table that creates its sessions.
    pub route: String,
    /// The ids of its path, by name.
    pub ids: BTreeMap<String, String>,
}

/// A file as it is attached.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAttachment {
    /// Its name there.
    pub name: String,
    /// Its media type; where it is left out, that of the name's extension.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Whether the body shows it.
    #[serde(default)]
    pub is_inline: bool,
    /// The name by which the body shows it.
    #[serde(default)]
    pub content_id: Option<String>,
}

impl NewAttachment {
    fn content_type(&self) -> String {
        self.content_type.clone().unwrap_or_else(|| content_type_of(&self.name))
    }

    /// The request for a session of so many bytes.
    fn request(&self, target: &Target, length: u64) -> Result<CreateRequest, Error> {
        let family = target.family()?;
        let mut file = json!({
            "attachmentType": "file", "name": self.name, "size": length, "contentType": self.content_type(),
        });
        if family == Family::Outlook && self.is_inline {
            file["isInline"] = json!(true);
            file["contentId"] = json!(self.content_id);
        }
        let wrapper = if family == Family::Todo { "attachmentInfo" } else { "AttachmentItem" };
        Ok(target.request(&json!({ wrapper: file })))
    }

    /// The attachment itself, with its bytes in base64.
    fn with_bytes(&self, family: Family, bytes: &str) -> Value {
        let kind = if family == Family::Todo { "taskFileAttachment" } else { "fileAttachment" };
        let mut file = json!({
            "@odata.type": format!("#microsoft.graph.{kind}"), "name": self.name, "contentType": self.content_type(),
        });
        if family == Family::Outlook && self.is_inline {
            file["isInline"] = json!(true);
            file["contentId"] = json!(self.content_id);
        }
        file["contentBytes"] = json!(bytes);
        file
    }
}

/// The media type of a file of this name, by its extension.
pub fn content_type_of(name: &str) -> String {
    mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream").to_owned()
}

impl Target {
    /// Fails for what takes no attachment.
    fn family(&self) -> Result<Family, Error> {
        let family = crate::protocol::route::find(&self.route).map(|route| route.family);
        family.filter(|family| matches!(family, Family::Outlook | Family::Todo)).ok_or_else(|| {
            Error::InvalidInput(format!("'{}' is nothing that files are attached to", self.route))
        })
    }

    fn request(&self, body: &Value) -> CreateRequest {
        let body = to_raw_value(body).unwrap_or_else(|_| RawValue::NULL.to_owned());
        CreateRequest { route: self.route.clone(), ids: self.ids.clone(), headers: Vec::new(), body }
    }

    /// The path of its attachments, and whether it is a message.
    fn described(&self, endpoint: &str) -> Result<Described, Error> {
        self.family()?;
        describe(self.request(&json!({})), endpoint)
    }
}

impl<T: Transport> Client<T> {
    /// What is attached already, and whether the rest fits: a message that was sent takes none, and the sum has a limit.
    /// Sends nothing but questions.
    pub async fn look_at_attachments(
        &self,
        target: &Target,
        planned: &Planned,
        progress: &Progress,
    ) -> Result<Standing, Error> {
        let described = target.described(self.endpoint())?;
        progress.enter(Phase::Asking);
        let list = described.place.path(described.addressing, "", "");
        let owner = list.trim_end_matches("/attachments");
        let mut body = None;
        if owner.contains("/messages/") {
            let wants_body = planned.files.iter().any(|file| file.content_id.is_some());
            let select = if wants_body { "isDraft,body" } else { "isDraft" };
            let message = self.object(&format!("{owner}?$select={select}"), progress).await?;
            if member(&message, "isDraft") == Some(&Value::Bool(false)) {
                return Err(Error::Unfit {
                    reason: "notDraft",
                    why: "this message was sent or received: only a draft takes attachments".into(),
                });
            }
            body = member(&message, "body").and_then(|body| body.get("content")?.as_str()).map(str::to_owned);
        }
        let present = self.present(&list, progress).await?;
        present.iter().filter_map(|one| one.id.as_deref()).for_each(|id| self.know_attachment(id));
        fit::check(described.route.family, planned, present, body.as_deref())
    }

    async fn present(&self, list: &str, progress: &Progress) -> Result<Vec<Present>, Error> {
        let select = "?$select=id,name,size,lastModifiedDateTime";
        let mut next = Some(format!("{}{list}{select}", self.endpoint()));
        let mut present = Vec::new();
        for _ in 0..PAGES {
            let Some(url) = next.take() else { break };
            let page = self.page(&url, progress).await?;
            let items = member(&page, "value").and_then(Value::as_array);
            present.extend(items.into_iter().flatten().filter_map(Value::as_object).map(Present::of));
            let link = member(&page, "@odata.nextLink").and_then(Value::as_str);
            next = link.filter(|link| crate::address::same_host(link, self.endpoint())).map(str::to_owned);
        }
        Ok(present)
    }

    /// An object of Graph's, by its path.
    async fn object(&self, path: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
        self.page(&format!("{}{path}", self.endpoint()), progress).await
    }

    async fn page(&self, url: &str, progress: &Progress) -> Result<Map<String, Value>, Error> {
        let (response, trail) = self.call(Call::look(url), progress).await?;
        let what = "something that is no object";
        response.object().ok_or_else(|| Error::UnexpectedAnswer { what, response: Box::new(response), trail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_follow_the_extension() {
        for (name, expected) in [
            ("a.pdf", "application/pdf"),
            ("A.JPG", "image/jpeg"),
            ("b.tar.gz", "application/gzip"),
            ("c.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("no extension", "application/octet-stream"),
            ("d.unknown-extension", "application/octet-stream"),
            (".txt", "application/octet-stream"),
        ] {
            assert_eq!(content_type_of(name), expected, "{name}");
        }
    }
}
