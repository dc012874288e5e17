//! The request for a file's session.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::item::Item;
use super::plan::Decision;
use super::run::{Job, Run};
use crate::error::Error;
use crate::net::Transport;
use crate::protocol::session::CreateRequest;

/// The body of a request for a session. In this order: services have refused one whose annotation does not come first.
#[derive(Serialize)]
struct Body<'a> {
    item: NewItem<'a>,
}

#[derive(Serialize)]
struct NewItem<'a> {
    #[serde(rename = "@microsoft.graph.conflictBehavior")]
    behavior: &'a str,
    name: &'a str,
    #[serde(rename = "fileSystemInfo", skip_serializing_if = "Option::is_none")]
    times: Option<BTreeMap<&'a str, &'a str>>,
}

impl<T: Transport> Run<'_, T> {
    /// The condition under which a file is replaced: that it is the one that was seen.
    pub fn if_match(&self, decision: Decision, existing: Option<&Item>) -> Option<(String, String)> {
        let seen = existing.filter(|_| decision == Decision::Replace && !self.request.force);
        Some(("if-match".to_owned(), seen?.e_tag.clone()?))
    }

    pub fn create_request(
        &self,
        job: &Job,
        folder: &str,
        decision: Decision,
        existing: Option<&Item>,
    ) -> Result<CreateRequest, Error> {
        let time = job.local.modified.filter(|_| self.request.keeps_time()).map(whole_seconds);
        let times = time.as_deref().map(|time| [("lastModifiedDateTime", time)].into());
        let body = to_raw_value(&Body {
            item: NewItem { behavior: decision.conflict_behavior(), name: &job.name, times },
        });
        let body = body.map_err(|error| Error::Unexpected(error.to_string()))?;
        let id = format!("{folder}:/{}:", job.name);
        let ids = [("DriveId".to_owned(), self.root.drive.clone()), ("DriveItemId".to_owned(), id)].into();
        let headers = self.if_match(decision, existing).into_iter().collect();
        Ok(CreateRequest { route: "MgDriveItemUploadSession".into(), ids, headers, body })
    }
}

/// A time as services keep it.
pub(super) fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
