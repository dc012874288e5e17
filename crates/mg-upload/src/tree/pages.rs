//! Lists that come page by page. Whatever a service sends as the next page: none is read twice, none at another host, and
//! pages with nothing on them have an end.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;

use super::remote::Remote;
use crate::address::same_host;
use crate::client::Call;
use crate::error::Error;
use crate::net::Transport;
use crate::response::Response;

/// Empty pages in a row that are read. A service may send some, where it has left everything out that was on them.
const EMPTY: u32 = 100;

/// A page of a list.
#[derive(Deserialize)]
pub struct Page<I> {
    /// What is on it.
    #[serde(rename = "value")]
    pub items: Vec<I>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

/// What has to be known of a page for the list to go on.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// Whether nothing is on it.
    pub is_empty: bool,
    /// The URL of the next one.
    pub next: Option<String>,
}

impl<I> Page<I> {
    /// What is on it, and how the list goes on.
    pub fn turn(self) -> (Vec<I>, Turn) {
        let turn = Turn { is_empty: self.items.is_empty(), next: self.next };
        (self.items, turn)
    }
}

/// Asks for a list by its path from the host on, and gives each page to `read`.
pub async fn each_page<T: Transport>(
    remote: &Remote<'_, T>,
    path: &str,
    mut read: impl FnMut(&Bytes) -> serde_json::Result<Turn> + Send,
) -> Result<(), Error> {
    let mut url = format!("{}{path}", remote.client.endpoint());
    let (mut seen, mut empty) = (HashSet::new(), 0);
    loop {
        let (mut response, trail) = remote.ask(Call::look(&url)).await?;
        let page = Bytes::from(std::mem::take(&mut response.body));
        let turn = read(&page);
        let wrong = |what| {
            let response = Box::new(Response { body: page.to_vec(), ..response });
            Error::UnexpectedAnswer { what, response, trail }
        };
        let Ok(Turn { is_empty, next }) = turn else { return Err(wrong("something that is no list")) };
        let Some(next) = next else { return Ok(()) };
        empty = if is_empty { empty + 1 } else { 0 };
        seen.insert(std::mem::replace(&mut url, next));
        let leads_on = same_host(&url, remote.client.endpoint()) && empty < EMPTY && !seen.contains(&url);
        if !leads_on {
            return Err(wrong("a list that goes on nowhere"));
        }
    }
}
