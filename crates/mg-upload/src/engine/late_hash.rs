//! A hash that the service tells later: right after an upload, an item that is still being processed has none.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::sleep;
use tracing::debug;

use super::upload::Upload;
use crate::client::Call;
use crate::client::find::SELECT;
use crate::error::Kind;
use crate::error::graph_error::member;
use crate::net::Transport;
use crate::protocol::item::{may_be_rewritten, reported_hash};
use crate::protocol::place::encode;

/// Pauses between looks at the item.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

impl<T: Transport> Upload<'_, T> {
    /// Looks at an item that came without a hash until it has one. `None`: it got none, or nobody can look.
    ///
    /// Some services never tell a hash: the wait is no longer than a tenth of what the upload has taken.
    pub(super) async fn wait_for_hash(&self, item: &Map<String, Value>) -> Option<Map<String, Value>> {
        let url = format!("{}{}", self.client.endpoint(), path_of(item)?);
        let (most, mut waited) = (self.started.elapsed() / 10, Duration::ZERO);
        for after in PAUSES {
            waited += after;
            if waited > most || !self.client.has_token() {
                break;
            }
            // No pause of the service's, and no part of what the caller allows for those.
            sleep(after).await;
            match self.client.call(Call::look(&url), &self.progress).await {
                Ok((response, _)) => {
                    let later = response.object().filter(|later| is_about_the_same(item, later));
                    if later.as_ref().and_then(reported_hash).is_some() {
                        return later;
                    }
                }
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => {
                    debug!(%error, "the item cannot be looked at");
                    return None;
                }
            }
        }
        None
    }
}

/// Where the item can be read.
fn path_of(item: &Map<String, Value>) -> Option<String> {
    let text = |object: &Map<String, Value>, name| Some(encode(member(object, name)?.as_str()?));
    let drive = text(member(item, "parentReference")?.as_object()?, "driveId")?;
    Some(format!("/v1.0/drives/{drive}/items/{}?{SELECT}", text(item, "id")?))
}

/// Whether a later answer speaks of the content that was sent: one that lags may still show the file that was replaced.
fn is_about_the_same(item: &Map<String, Value>, later: &Map<String, Value>) -> bool {
    match (member(item, "cTag"), member(later, "cTag")) {
        (Some(sent), Some(now)) => sent == now || may_be_rewritten(later),
        _ => true,
    }
}
