//! What an answer to a PUT or a GET on a session means (rules of the end: 201, or a 200 with an `id`).

use serde_json::{Map, Value};

use crate::error::graph_error::member;
use crate::protocol::range::{self, Missing};
use crate::response::Response;

/// What the service says of a session's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What it still lacks; empty when it has every byte.
    pub missing: Vec<Missing>,
    /// When the session ends, as the service wrote it.
    pub expires: Option<String>,
}

/// What a success in answer to a PUT means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// The bytes are stored and more are expected, or a commit is (an empty list).
    Progress(State),
    /// The bytes are stored, but the service does not say where it stands: our own count has to do.
    Stored,
    /// The upload has ended.
    Finished {
        /// The item that the service returned, if it did.
        item: Option<Map<String, Value>>,
        /// The `Location` header: where Outlook and To Do put the attachment.
        location: Option<String>,
    },
    /// A success that says neither: ask for the session's state.
    Unclear,
}

/// Reads a success in answer to a PUT (or to a commit).
pub fn read_put(response: &Response) -> Meaning {
    let object = response.object();
    let finished =
        |item| Meaning::Finished { item, location: response.header("location").map(str::to_owned) };
    if response.status == 201 {
        return finished(object);
    }
    match object {
        Some(object) => match read_state(&object) {
            Some(state) if response.status != 204 => Meaning::Progress(state),
            None if response.status == 202
                && member(&object, "nextExpectedRanges").is_none_or(Value::is_null) =>
            {
                Meaning::Stored
            }
            None if response.status == 200 && member(&object, "id").is_some() => finished(Some(object)),
            _ => Meaning::Unclear,
        },
        None => Meaning::Unclear,
    }
}

/// The state in a body with a range list; `None` where there is no list, or none that can be read.
pub fn read_state(object: &Map<String, Value>) -> Option<State> {
    let list = member(object, "nextExpectedRanges")?.as_array()?;
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Some(State {
        missing: range::parse_list(texts?).ok()?,
        expires: member(object, "expirationDateTime").and_then(Value::as_str).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: vec![("location".into(), "there".into())], body: body.into() }
    }

    fn progress(first: u64) -> Meaning {
        Meaning::Progress(State { missing: vec![Missing { first, last: None }], expires: None })
    }

    #[test]
    fn progress_and_end_are_told_apart() {
        for (status, body, expected) in [
            (202, r#"{"nextExpectedRanges":["26-"]}"#, progress(26)),
            (200, r#"{"NextExpectedRanges":["2097152"]}"#, progress(2_097_152)),
            // An item with a list is progress all the same: rule 3 of the protocol.
            (200, r#"{"id":"1","nextExpectedRanges":["26-"]}"#, progress(26)),
            (
                202,
                r#"{"nextExpectedRanges":[]}"#,
                Meaning::Progress(State { missing: vec![], expires: None }),
            ),
            (202, "", Meaning::Unclear),
            (202, "<html>", Meaning::Unclear),
            (202, r#"{"nextExpectedRanges":["x"]}"#, Meaning::Unclear),
            (202, r#"{"expirationDateTime":"2030"}"#, Meaning::Stored),
            (202, r#"{"nextExpectedRanges":null}"#, Meaning::Stored),
            (202, r#"{"nextExpectedRanges":[7]}"#, Meaning::Unclear),
            (202, r#"{"nextExpectedRanges":"26-"}"#, Meaning::Unclear),
            (202, r#"{"id":"1"}"#, Meaning::Stored),
            (200, r#"{"expirationDateTime":"2030"}"#, Meaning::Unclear),
            (200, "{}", Meaning::Unclear),
            (204, "", Meaning::Unclear),
            (204, r#"{"nextExpectedRanges":["26-"]}"#, Meaning::Unclear),
            (
                202,
                "\u{feff}{\"nextExpectedRanges\":[\"5-9\"],\"expirationDateTime\":\"2030\"}",
                Meaning::Progress(State {
                    missing: vec![Missing { first: 5, last: Some(9) }],
                    expires: Some("2030".into()),
                }),
            ),
        ] {
            assert_eq!(read_put(&response(status, body)), expected, "{status} {body}");
        }
        for (status, body, has_item) in
            [(201, "", false), (201, r#"{"id":"1"}"#, true), (200, r#"{"id":"1"}"#, true)]
        {
            match read_put(&response(status, body)) {
                Meaning::Finished { item, location } => {
                    assert_eq!(item.is_some(), has_item);
                    assert_eq!(location.as_deref(), Some("there"));
                }
                other => panic!("{status} {body}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_header_is_found_whatever_its_case_and_the_first_one_counts() {
        let headers = [("a", "1"), ("Retry-AFTER", "2"), ("retry-after", "3")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let response = Response { status: 429, headers, body: vec![] };
        assert_eq!((response.header("retry-after"), response.header("retry")), (Some("2"), None));
        let of = |status| Response { status, headers: vec![], body: vec![] }.is_success();
        assert_eq!([199, 200, 299, 300].map(of), [false, true, true, false]);
    }
}
