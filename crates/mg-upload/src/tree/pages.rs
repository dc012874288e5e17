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

/// From this size on a page takes a while to be read.
const LARGE: usize = 64 * 1024;
/// How far from either end of a large page its link to the next is sought.
const END: usize = 4 * 1024;

/// Reads a list by its path from the host on. `look` is given the items of each page as they stand there. While a large page is
/// read, the service works at the next one.
pub async fn each_page<T: Transport>(
    remote: &Remote<'_, T>,
    path: &str,
    mut look: impl FnMut(Vec<Bytes>) -> serde_json::Result<()> + Send,
) -> Result<(), Error> {
    let first = format!("{}{path}", remote.client.endpoint());
    let (mut read, mut empty) = (HashSet::from([first.clone()]), 0);
    let mut page = Page::at(remote, &first).await?;
    loop {
        let is_new = |next: &String| same_host(next, remote.client.endpoint()) && !read.contains(next);
        let likely = likely_next(&page.body).filter(is_new);
        let ahead = async {
            match &likely {
                Some(next) => Some(Page::at(remote, next).await),
                None => None,
            }
        };
        let looked = async {
            // The connection's own task sends what is asked meanwhile.
            yield_now().await;
            let Read { value, next } = serde_json::from_slice(&page.body)?;
            let items: Vec<_> = value.iter().map(|item| page.body.slice_ref(item.get().as_bytes())).collect();
            let is_empty = items.is_empty();
            look(items)?;
            serde_json::Result::Ok((next, is_empty))
        };
        let (ahead, looked) = tokio::join!(ahead, looked);
        let Ok((next, is_empty)) = looked else { return Err(page.wrong("something that is no list")) };
        empty = if is_empty { empty + 1 } else { 0 };
        let Some(next) = next else { return Ok(()) };
        if !is_new(&next) || empty == EMPTY {
            return Err(page.wrong("a list that goes on nowhere"));
        }
        page = match ahead {
            Some(ahead) if likely.as_ref() == Some(&next) => ahead?,
            _ => Page::at(remote, &next).await?,
        };
        read.insert(next);
    }
}

/// A page, and the answer that it came with, but for the body.
struct Page {
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
        Ok(Page { body, response, trail })
    }

    fn wrong(self, what: &'static str) -> Error {
        let response = Response { body: self.body.to_vec(), ..self.response };
        Error::UnexpectedAnswer { what, response: Box::new(response), trail: self.trail }
    }
}

/// Where the next page is, as far as a look at both ends of a large one tells: services have the link before the items, or
/// after them. It may as well be a member of an item.
fn likely_next(body: &[u8]) -> Option<String> {
    let length = body.len();
    if length < LARGE {
        return None;
    }
    let name = "\"@odata.nextLink\"";
    [&body[..END], &body[length - END..]].into_iter().find_map(|end| {
        let at = end.windows(name.len()).position(|part| part == name.as_bytes())? + name.len();
        let value = end[at..].trim_ascii_start().strip_prefix(b":")?;
        serde_json::Deserializer::from_slice(value).into_iter().next()?.ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_of_a_large_page_is_found_before_its_items_and_after() {
        let items = |size: usize| format!("[{{\"name\":\"{}\"}}]", "x".repeat(size));
        let link = "\"@odata.nextLink\" : \"https:\\/\\/h/p?a='b'\"";
        for (page, found) in [
            (format!("{{{link},\"value\":{}}}", items(LARGE)), true),
            (format!("{{\"value\":{},\n{link}}}", items(LARGE)), true),
            (format!("{{{link},\"value\":{}}}", items(100)), false),
            (format!("{{\"value\":{}}}", items(LARGE)), false),
            (
                format!("{{\"value\":[\"{}\",\"\\\"@odata.nextLink\\\":\\\"x\\\"\"]}}", "x".repeat(LARGE)),
                false,
            ),
            (format!("{{\"value\":{}, \"@odata.nextLink\"", items(LARGE)), false),
            (format!("{{\"value\":{}, \"@odata.nextLink\": null}}", items(LARGE)), false),
        ] {
            let expected = found.then(|| "https://h/p?a='b'".to_owned());
            assert_eq!(likely_next(page.as_bytes()), expected, "{}", &page[page.len() - 60..]);
        }
    }
}
