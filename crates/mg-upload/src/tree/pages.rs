//! Lists that come page by page. Whatever a service sends as the next page: none is read twice, none at another host, and
//! pages with nothing on them have an end.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::yield_now;

use super::remote::Remote;
use crate::address::same_host;
use crate::client::Call;
use crate::error::{Error, Trail};
use crate::net::Transport;
use crate::response::Response;

/// Empty pages in a row that are read. A service may send some, where it has left everything out that was on them.
const EMPTY: u32 = 100;

/// Reads a list by its path from the host on. `look` is given the items of each page as they stand there. The next page is
/// asked for before that: the service works while this one is looked through.
pub async fn each_page<T: Transport>(
    remote: &Remote<'_, T>,
    path: &str,
    mut look: impl FnMut(Vec<Bytes>) -> serde_json::Result<()> + Send,
) -> Result<(), Error> {
    let first = format!("{}{path}", remote.client.endpoint());
    let (mut read, mut empty) = (HashSet::from([first.clone()]), 0);
    let mut page = Page::at(remote, &first).await?;
    loop {
        empty = if page.items.is_empty() { empty + 1 } else { 0 };
        let next = page.next.take();
        if let Some(next) = &next {
            let leads_on =
                same_host(next, remote.client.endpoint()) && empty < EMPTY && read.insert(next.clone());
            if !leads_on {
                return Err(page.wrong("a list that goes on nowhere"));
            }
        }
        let items = std::mem::take(&mut page.items);
        let looked = async {
            // The connection's own task sends what is asked meanwhile.
            yield_now().await;
            look(items)
        };
        let (following, looked) = match &next {
            Some(next) => {
                let (following, looked) = tokio::join!(Page::at(remote, next), looked);
                (Some(following), looked)
            }
            None => (None, looked.await),
        };
        if looked.is_err() {
            return Err(page.wrong(NO_LIST));
        }
        page = match following {
            Some(following) => following?,
            None => return Ok(()),
        };
    }
}

const NO_LIST: &str = "something that is no list";

/// A page, and the answer that it came with, but for the body.
struct Page {
    items: Vec<Bytes>,
    next: Option<String>,
    body: Bytes,
    response: Response,
    trail: Trail,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

impl Page {
    async fn at<T: Transport>(remote: &Remote<'_, T>, url: &str) -> Result<Page, Error> {
        let (mut response, trail) = remote.ask(Call::look(url)).await?;
        let body = Bytes::from(std::mem::take(&mut response.body));
        let mut page = Page { items: Vec::new(), next: None, body, response, trail };
        match serde_json::from_slice(&page.body) {
            Ok(Read { value, next }) => {
                page.items = value.iter().map(|item| page.body.slice_ref(item.get().as_bytes())).collect();
                page.next = next;
                Ok(page)
            }
            Err(_) => Err(page.wrong(NO_LIST)),
        }
    }

    fn wrong(self, what: &'static str) -> Error {
        let response = Response { body: self.body.to_vec(), ..self.response };
        Error::UnexpectedAnswer { what, response: Box::new(response), trail: self.trail }
    }
}
