//! What a tree asks of Graph: looking at items, listing folders, making them.

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::item::{Item, SELECT};
use super::pages::{Page, each_page};
use super::patience::Tries;
use crate::client::{Call, Client, Content};
use crate::error::{Error, Kind, Trail};
use crate::net::{Method, Transport};
use crate::progress::Progress;
use crate::protocol::place::{Addressing, Place, encode};
use crate::protocol::verdict::Purpose;
use crate::response::Response;

/// Requests with patience, on one account.
pub struct Remote<'c, T> {
    /// Who asks.
    pub client: &'c Client<T>,
    /// The account of what is asked.
    pub progress: Arc<Progress>,
}

impl<T: Transport> Remote<'_, T> {
    /// Reads an object, by its path from the host on.
    pub async fn look<R: DeserializeOwned>(&self, path: &str) -> Result<R, Error> {
        self.look_with(path, &[]).await
    }

    /// The same with headers.
    pub async fn look_with<R: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(String, String)],
    ) -> Result<R, Error> {
        let url = format!("{}{path}", self.client.endpoint());
        read(self.ask(Call { headers, ..Call::look(&url) }).await?)
    }

    /// All of a list.
    pub async fn all<I: DeserializeOwned + Send>(&self, path: &str) -> Result<Vec<I>, Error> {
        let mut all = Vec::new();
        let add = |page: &Bytes| {
            let (items, turn) = serde_json::from_slice::<Page<I>>(page)?.turn();
            all.extend(items);
            Ok(turn)
        };
        each_page(self, path, add).await?;
        Ok(all)
    }

    /// The item of this name in a folder, if there is one.
    pub async fn find(&self, drive: &str, folder: &str, name: &str) -> Result<Option<Item>, Error> {
        let path = self.path(drive, folder, &[name], "", SELECT);
        match self.look(&path).await {
            Ok(item) => Ok(Some(item)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The folder of this name, made where there is none; whether it was made. That it is there already is no error, however
    /// the service says so: others may make it at the same time.
    pub async fn folder(&self, drive: &str, parent: &str, name: &str) -> Result<(Item, bool), Error> {
        let body = json!({"@microsoft.graph.conflictBehavior": "fail", "name": name, "folder": {}});
        let refused = match self.post_child(drive, parent, &body).await {
            Ok(made) => return Ok((made, true)),
            Err(error) => error,
        };
        if !matches!(refused.kind(), Kind::Conflict | Kind::InvalidInput) {
            return Err(refused);
        }
        // For a while it may be there for one request and not for the next.
        let mut tries = Tries::default();
        loop {
            match self.find(drive, parent, name).await? {
                Some(item) => return Ok((item, false)),
                None if refused.kind() == Kind::Conflict && tries.pause(&self.progress, &refused).await => {}
                None => return Err(refused),
            }
        }
    }

    async fn post_child(&self, drive: &str, parent: &str, body: &Value) -> Result<Item, Error> {
        read(self.send_json(Method::Post, &self.path(drive, parent, &[], "/children", ""), body).await?)
    }

    /// Sends JSON that may arrive twice: the second finds what the first has done.
    async fn send_json(&self, method: Method, path: &str, body: &Value) -> Result<(Response, Trail), Error> {
        let url = format!("{}{path}", self.client.endpoint());
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        self.ask(Call {
            method,
            url: &url,
            headers: &headers,
            body: Content::Bytes(Bytes::from(body.to_string())),
            with_token: true,
            purpose: Purpose::Replace,
        })
        .await
    }

    /// Puts a small file in place with one request; the item that it has become.
    pub async fn put(
        &self,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
        purpose: Purpose,
    ) -> Result<Map<String, Value>, Error> {
        let url = format!("{}{path}", self.client.endpoint());
        let call = Call {
            method: Method::Put,
            url: &url,
            headers,
            body: Content::Bytes(body),
            with_token: true,
            purpose,
        };
        let (response, trail) = self.client.call(call, &self.progress).await?;
        let item = response.object().filter(|item| item.contains_key("id"));
        item.ok_or_else(|| no_item(response, trail))
    }

    /// Sets the time at which an item's content was last changed.
    pub async fn set_time(&self, drive: &str, item: &str, time: &str) -> Result<(), Error> {
        let body = json!({ "fileSystemInfo": { "lastModifiedDateTime": time } });
        self.send_json(Method::Patch, &self.path(drive, item, &[], "", ""), &body).await.map(drop)
    }

    /// The path of a place from the host on.
    pub fn path(&self, drive: &str, item: &str, below: &[&str], action: &str, query: &str) -> String {
        let node = format!("/v1.0/drives/{}/items/{}", encode(drive), encode(item));
        let below = below.iter().map(|name| (*name).to_owned()).collect();
        Place { node, below }.path(Addressing::of(self.client.endpoint()), action, query)
    }

    /// Sends what may be sent again, until it is answered or nobody has patience any more.
    pub async fn ask(&self, call: Call<'_>) -> Result<(Response, Trail), Error> {
        let mut tries = Tries::default();
        loop {
            let again = Call { body: call.body.clone(), ..call };
            match self.client.call(again, &self.progress).await {
                Ok(answered) => return Ok(answered),
                Err(error) => tries.again(&self.progress, error).await?,
            }
        }
    }
}

/// What an answer holds.
fn read<R: DeserializeOwned>((response, trail): (Response, Trail)) -> Result<R, Error> {
    serde_json::from_slice(&response.body).map_err(|_| no_item(response, trail))
}

fn no_item(response: Response, trail: Trail) -> Error {
    Error::UnexpectedAnswer { what: "something else than was asked for", response: Box::new(response), trail }
}
