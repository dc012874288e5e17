//! Does what is to be attached fit? Plain functions on values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::error::graph_error::member;
use crate::family::Family;

/// What Exchange Online takes of a message where nobody has said otherwise, encoded: 35 MB.
const USUAL_LIMIT: u64 = 35 << 20;
/// What Outlook adds to a file's own size.
const ENVELOPE: u64 = 64 * 1024;

/// What is to be attached.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// The files.
    pub files: Vec<PlannedFile>,
    /// What the message may have in all, encoded; `None`: nobody knows.
    #[serde(default)]
    pub size_limit: Option<u64>,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedFile {
    /// Its name there.
    pub name: String,
    /// Its bytes.
    pub length: u64,
    /// The name by which the body shows it.
    #[serde(default)]
    pub content_id: Option<String>,
}

/// An attachment that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its size as the service counts it, with what it adds.
    pub size: u64,
}

impl Present {
    pub(super) fn of(item: &Map<String, Value>) -> Present {
        let text = |name| member(item, name).and_then(Value::as_str).map(str::to_owned);
        let size = member(item, "size").and_then(Value::as_u64).unwrap_or(0);
        Present { id: text("id"), name: text("name"), size }
    }

    /// Whether this may be the file: it has its name, and its size with what the service adds.
    fn may_be(&self, file: &PlannedFile) -> bool {
        let most = file.length + file.length / 2 + ENVELOPE;
        self.name.as_deref() == Some(&file.name) && (file.length..=most).contains(&self.size)
    }
}

/// How a message, event, post or task stands before anything is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// What is there.
    pub present: Vec<Present>,
    /// For each planned file the attachment that may be it already.
    pub already: Vec<Option<Present>>,
    /// All together once everything is attached, encoded as it travels; `None` where no sum is limited.
    pub encoded: Option<u64>,
    /// Whether that is more than mailboxes take as a rule.
    pub is_large: bool,
    /// Content ids that the body does not show.
    pub not_shown: Vec<String>,
}

/// Checks a plan against what is there; `body` is a message's, where it was read.
pub(super) fn check(
    family: Family,
    planned: &Planned,
    present: Vec<Present>,
    body: Option<&str>,
) -> Result<Standing, Error> {
    let mut free = present.clone();
    // One attachment is one file: of two files of a name, the second has to find another one.
    let already: Vec<_> = planned
        .files
        .iter()
        .map(|file| free.iter().position(|one| one.may_be(file)).map(|at| free.remove(at)))
        .collect();
    let new: u64 = planned
        .files
        .iter()
        .zip(&already)
        .filter(|(_, there)| there.is_none())
        .map(|(file, _)| file.length)
        .sum();
    let there: u64 = present.iter().map(|one| one.size).sum();
    let encoded = (family == Family::Outlook).then(|| encoded(there.saturating_add(new)));
    if let (Some(limit), Some(encoded)) = (planned.size_limit, encoded)
        && encoded > limit
    {
        return Err(Error::Unfit {
            reason: "messageTooLarge",
            why: format!(
                "with these files it would have {encoded} bytes of attachments as they travel, and {limit} are allowed; nothing was attached"
            ),
        });
    }
    let shows = |id: &&String| !body.is_some_and(|body| body.contains(&format!("cid:{id}")));
    let ids = planned.files.iter().filter_map(|file| file.content_id.as_ref());
    let not_shown = if body.is_some() { ids.filter(shows).cloned().collect() } else { Vec::new() };
    Ok(Standing {
        is_large: planned.size_limit.is_none() && new > 0 && encoded.is_some_and(|size| size > USUAL_LIMIT),
        present,
        already,
        encoded,
        not_shown,
    })
}

/// Bytes in base64.
fn encoded(bytes: u64) -> u64 {
    bytes.div_ceil(3).saturating_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, length: u64) -> PlannedFile {
        PlannedFile { name: name.into(), length, content_id: None }
    }

    fn there(name: &str, size: u64) -> Present {
        Present { id: Some("i".into()), name: Some(name.into()), size }
    }

    fn plan(files: Vec<PlannedFile>, size_limit: Option<u64>) -> Planned {
        Planned { files, size_limit }
    }

    #[test]
    fn the_sum_is_that_of_what_travels() {
        let of = |limit, family, present: Vec<Present>| {
            check(family, &plan(vec![file("a", 6_000), file("b", 3_000)], limit), present, None)
        };
        assert_eq!(of(None, Family::Outlook, vec![]).unwrap().encoded, Some(12_000));
        assert_eq!(of(Some(12_000), Family::Outlook, vec![]).unwrap().encoded, Some(12_000));
        let Err(Error::Unfit { reason, .. }) = of(Some(11_999), Family::Outlook, vec![]) else { panic!() };
        assert_eq!(reason, "messageTooLarge");
        assert!(of(Some(12_000), Family::Outlook, vec![there("c", 1)]).is_err(), "what is there counts");
        assert_eq!(of(Some(1), Family::Todo, vec![]).unwrap().encoded, None);
        let large = |length, limit| {
            check(Family::Outlook, &plan(vec![file("a", length)], limit), vec![], None).unwrap().is_large
        };
        assert!(!large(27_525_120, None) && large(27_525_121, None) && !large(27_525_121, Some(1 << 30)));
    }

    #[test]
    fn what_may_be_there_already_is_found_once() {
        let files = vec![file("a", 1_000_000), file("a", 1_000_000), file("A", 1_000_000), file("b", 10)];
        let present = vec![there("a", 1_045_608), there("b", 9), there("A", 2_000_000)];
        let standing = check(Family::Outlook, &plan(files, None), present.clone(), None).unwrap();
        let expected = [Some(present[0].clone()), None, None, None];
        assert_eq!(standing.already, expected, "smaller, or much larger, is another file");
        for (size, is_it) in [(999_999, false), (1_000_000, true), (1_565_536, true), (1_565_537, false)] {
            let plan = plan(vec![file("a", 1_000_000)], None);
            let standing = check(Family::Outlook, &plan, vec![there("a", size)], None).unwrap();
            assert_eq!(standing.already[0].is_some(), is_it, "{size}");
        }
    }

    #[test]
    fn what_the_body_does_not_show_is_told() {
        let shown = |body: Option<&str>| {
            let files =
                ["logo", "chart"].map(|id| PlannedFile { content_id: Some(id.into()), ..file(id, 1) });
            check(Family::Outlook, &plan(files.into(), None), vec![], body).unwrap().not_shown
        };
        assert_eq!(shown(Some(r#"<img src="cid:logo">"#)), ["chart"]);
        assert!(shown(None).is_empty(), "nobody has read it");
    }
}
