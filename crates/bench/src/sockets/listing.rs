//! A folder's items, page by page: what each page says of them is read, and nothing is done with it.

use std::error::Error;

use serde::Deserialize;

use crate::arguments::Arguments;
use crate::connection::{Connector, Target};

type Failure = Box<dyn Error + Send + Sync>;

/// What our own client asks for.
const QUERY: &str =
    "$top=1000&$select=id,name,size,file,folder,package,remoteItem,fileSystemInfo,eTag,cTag,webUrl";

#[derive(Deserialize)]
struct Page {
    value: Vec<Item>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

/// The members of an item that a file is compared with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is the work")]
struct Item {
    id: String,
    name: String,
    size: Option<u64>,
    e_tag: Option<String>,
    c_tag: Option<String>,
    web_url: Option<String>,
    file_system_info: Option<Times>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is the work")]
struct Times {
    last_modified_date_time: Option<String>,
}

/// Lists the drive's root; how many items it has.
pub fn list(arguments: &Arguments, connector: &Connector) -> Result<usize, Failure> {
    let Arguments { graph, token, drive, .. } = arguments;
    let mut connection = connector.connect(Target::of(graph)?)?;
    let mut next = Some(format!("{graph}/v1.0/drives/{drive}/items/root/children?{QUERY}"));
    let mut items = Vec::new();
    while let Some(url) = next {
        let target = Target::of(&url)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
            target.path, target.authority
        );
        connection.send(request.as_bytes())?;
        let (200, body) = connection.answer()? else { return Err("no page".into()) };
        let page: Page = serde_json::from_slice(&body)?;
        items.extend(page.value);
        next = page.next;
    }
    Ok(items.len())
}
