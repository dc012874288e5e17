//! Lists in pages: the items of a folder, the libraries of a site.

use crate::{message::Answer, refusal::Refusal, route};
use serde_json::{Map, Value, json};

/// Items on a page where the request does not say, and at most.
const PAGE: usize = 200;
const LARGEST_PAGE: usize = 1000;

/// What a list of items understands. It does not filter.
const OPTIONS: [&str; 6] = ["$select", "$expand", "$skiptoken", "$top", "$orderby", "$skipToken"];

/// Which part of a list is asked for.
pub(crate) struct Page {
    pub(crate) first: usize,
    pub(crate) count: usize,
}

impl Page {
    /// Reads the query. Options that such a list does not have are refused.
    pub(crate) fn of(target: &str, most: Option<usize>) -> Result<Page, Refusal> {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let names = query.split('&').filter(|pair| !pair.is_empty());
        for name in names.map(|pair| route::decode(pair.split('=').next().unwrap_or_default())) {
            if name.starts_with('$') && !OPTIONS.contains(&name.as_str()) {
                return Err(Refusal::new(
                    400,
                    "invalidRequest",
                    format!("The query option '{name}' is not supported."),
                ));
            }
        }
        let number = |name| match route::query(target, name) {
            None => Ok(None),
            Some(text) => {
                text.parse::<usize>().map(Some).map_err(|_| Refusal::bad(format!("Invalid {name}.")))
            }
        };
        let first = number("$skiptoken")?.unwrap_or(0);
        let count = number("$top")?.unwrap_or(PAGE).clamp(1, most.unwrap_or(LARGEST_PAGE).max(1));
        Ok(Page { first, count })
    }

    /// The answer: this part of `whole`, and where the next one is.
    pub(crate) fn answer(&self, graph: &str, target: &str, whole: usize, value: &[Value]) -> Answer {
        let mut body = json!({ "value": value });
        let next = self.first + self.count;
        if next < whole {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let kept = query
                .split('&')
                .filter(|pair| !pair.is_empty() && !pair.to_lowercase().starts_with("$skiptoken"));
            let query: Vec<String> = kept.map(str::to_owned).chain([format!("$skiptoken={next}")]).collect();
            body["@odata.nextLink"] = format!("{graph}{path}?{}", query.join("&")).into();
        }
        Answer::json(200, &body)
    }
}

/// What `$select` leaves of an object: a member that was not asked for is not there.
pub(crate) fn selected(target: &str, mut object: Value) -> Value {
    let Some(select) = route::query(target, "$select") else { return object };
    let wanted: Vec<String> = select.split(',').map(|name| name.trim().to_lowercase()).collect();
    if let Value::Object(members) = &mut object {
        let kept: Map<String, Value> = std::mem::take(members)
            .into_iter()
            .filter(|(name, _)| name.starts_with('@') || wanted.contains(&name.to_lowercase()))
            .collect();
        *members = kept;
    }
    object
}
