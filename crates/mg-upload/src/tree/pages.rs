//! Lists that come page by page. Whatever a service sends as the next page: none is read twice, none at another host, and
//! pages with nothing on them have an end.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::remote::Remote;
use crate::address::same_host;
use crate::client::Call;
use crate::error::Error;
use crate::net::Transport;

/// Empty pages in a row that are read. A service may send some, where it has left everything out that was on them.
const EMPTY: u32 = 100;

/// A list under way.
pub struct Pages<'r, 'c, T> {
    remote: &'r Remote<'c, T>,
    next: Option<String>,
    read: HashSet<String>,
    empty: u32,
}

#[derive(Debug, Deserialize)]
struct Page<I> {
    value: Vec<I>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

impl<'r, 'c, T: Transport> Pages<'r, 'c, T> {
    /// A list by its path from the host on.
    pub fn of(remote: &'r Remote<'c, T>, path: &str) -> Pages<'r, 'c, T> {
        let first = format!("{}{path}", remote.client.endpoint());
        Pages { remote, next: Some(first), read: HashSet::new(), empty: 0 }
    }

    /// What is on the next page; `None` after the last one.
    pub async fn next<I: DeserializeOwned>(&mut self) -> Result<Option<Vec<I>>, Error> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let (response, trail) = self.remote.ask(Call::look(&url)).await?;
        let page = serde_json::from_slice(&response.body);
        let wrong = |what| Err(Error::UnexpectedAnswer { what, response: Box::new(response), trail });
        let Ok(Page { value, next }) = page else { return wrong("something that is no list") };
        self.read.insert(url);
        self.empty = if value.is_empty() { self.empty + 1 } else { 0 };
        let leads_on = |next: &String| {
            same_host(next, self.remote.client.endpoint()) && !self.read.contains(next) && self.empty < EMPTY
        };
        if next.as_ref().is_some_and(|next| !leads_on(next)) {
            return wrong("a list that goes on nowhere");
        }
        self.next = next;
        Ok(Some(value))
    }
}
