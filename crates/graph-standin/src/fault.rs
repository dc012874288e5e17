//! The script of faults: which request gets which.

use crate::{
    action::Action,
    clock,
    message::{Answer, Family, Listener},
    range::ContentRange,
    refusal::{Ids, Refusal},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One rule of the script, as it is written in JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests it is for.
    #[serde(default)]
    pub on: On,
    /// What happens to them.
    #[serde(rename = "do")]
    pub action: Fault,
    /// Matching requests so far.
    #[serde(default, skip_deserializing)]
    pub seen: u64,
    /// How often it has played.
    #[serde(default, skip_deserializing)]
    pub fired: u64,
}

/// The requests that a rule is for: all given members must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct On {
    /// The method.
    pub method: Option<String>,
    /// What the request is about.
    pub route: RouteKind,
    /// The back end.
    pub family: Option<Family>,
    /// The listener.
    pub listener: Option<Listener>,
    /// Which part of the file a PUT sends.
    pub part: Option<Part>,
    /// A byte that a PUT's range holds.
    pub at_byte: Option<u64>,
    /// The first matching request that it plays on; 1 when left out.
    pub nth: Option<u64>,
    /// How often it plays from there on; 1 when left out, 0 for ever.
    pub times: Option<u64>,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RouteKind {
    /// Anything.
    #[default]
    Any,
    /// Creation of a session.
    Create,
    /// PUT of bytes to a session.
    Put,
    /// GET of a session.
    Status,
    /// DELETE of a session.
    Cancel,
    /// POST to a session, or a commit by `sourceUrl`.
    Commit,
    /// Any other request to Graph.
    Item,
}

/// Which part of the file a PUT sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// Starts at the first byte.
    First,
    /// Neither first nor last.
    Middle,
    /// Ends the file.
    Last,
    /// Does not end the file.
    NotLast,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Action", into = "Action")]
pub enum Fault {
    /// This answer, whatever the request would have got.
    Answer(Scripted, Stored),
    /// Reset when the head was read.
    ResetBefore,
    /// Reset after so many bytes of the body.
    ResetBody(u64),
    /// Reset when the request was carried out, before the answer.
    ResetAfterStore,
    /// Carried out; half of the answer.
    CutAnswer,
    /// Carried out; the answer comes so many milliseconds later.
    Stall(u64),
    /// Carried out and answered; then the connection is closed unannounced.
    Close,
    /// A redirect, to the same target when none is given.
    Redirect(u16, Option<String>),
    /// A status that is so many fragments behind.
    Lag(usize),
    /// Carried out; an unasked-for `100 Continue` comes before the answer.
    Continue,
    /// These ranges in place of the true ones.
    Ranges(Vec<String>),
    /// Carried out; the answer has these headers too.
    Headers(BTreeMap<String, String>),
}

/// Whether the request is carried out before a scripted answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// Its bytes are stored, but they complete no file.
    Uncommitted,
}

/// A scripted answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scripted {
    /// The status.
    pub status: u16,
    /// Headers, in the case given.
    pub headers: BTreeMap<String, String>,
    /// Text, or a JSON value.
    pub body: Option<Value>,
    /// Code of a Graph error body.
    pub code: Option<String>,
    /// Its message.
    pub message: Option<String>,
    /// Its inner code.
    pub inner: Option<String>,
}

impl Scripted {
    pub(crate) fn answer(&self, ids: &Ids) -> Answer {
        let mut answer = match (&self.body, &self.code) {
            (Some(Value::String(text)), _) => {
                Answer { body: text.clone().into_bytes(), ..Answer::empty(self.status) }
            }
            (Some(body), _) => Answer::json(self.status, body),
            (None, Some(code)) => {
                let mut refusal =
                    Refusal::new(self.status, code.clone(), self.message.clone().unwrap_or_default());
                refusal.inner = self.inner.clone().map(Into::into);
                refusal.answer(ids)
            }
            (None, None) => Answer::empty(self.status),
        };
        add_headers(&mut answer, &self.headers, ids.now);
        answer
    }
}

/// Adds headers in the case given; `date+N` becomes the HTTP date N seconds ahead.
pub(crate) fn add_headers(answer: &mut Answer, headers: &BTreeMap<String, String>, now: u64) {
    for (name, value) in headers {
        let ahead = value.strip_prefix("date+").and_then(|seconds| seconds.parse::<u64>().ok());
        let date = |seconds: u64| clock::http_date(now.saturating_add(seconds.saturating_mul(1000)));
        let value = ahead.map_or_else(|| value.clone(), date);
        answer.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        answer.headers.push((name.clone(), value));
    }
}

/// What the script needs to know of a request.
pub(crate) struct Facts<'a> {
    pub(crate) listener: Listener,
    pub(crate) method: &'a str,
    pub(crate) route: RouteKind,
    pub(crate) family: Option<Family>,
    pub(crate) range: Option<ContentRange>,
}

impl On {
    fn matches(&self, facts: &Facts<'_>) -> bool {
        let put = facts.range.filter(|_| facts.route == RouteKind::Put);
        self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(facts.method))
            && (self.route == RouteKind::Any || self.route == facts.route)
            && self.family.is_none_or(|family| facts.family == Some(family))
            && self.listener.is_none_or(|listener| facts.listener == listener)
            && self.part.is_none_or(|part| put.is_some_and(|range| part.is(range)))
            && self.at_byte.is_none_or(|at| put.is_some_and(|range| (range.first..=range.last).contains(&at)))
    }
}

impl Part {
    fn is(self, range: ContentRange) -> bool {
        match self {
            Self::First => range.first == 0,
            Self::Middle => range.first > 0 && !range.is_last(),
            Self::Last => range.is_last(),
            Self::NotLast => !range.is_last(),
        }
    }
}

/// The rules in order.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) rules: Vec<Rule>,
}

impl Script {
    /// Counts the request with every rule that it matches, and takes the first that is due. A rule that another
    /// one goes before stays due, so that rules line up.
    pub(crate) fn take(&mut self, facts: &Facts<'_>) -> Option<Fault> {
        let mut taken = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.on.matches(facts)) {
            rule.seen += 1;
            let nth = rule.on.nth.unwrap_or(1).max(1);
            let times = rule.on.times.unwrap_or(1);
            let due = rule.seen >= nth && (times == 0 || rule.fired < times);
            if due && taken.is_none() {
                rule.fired += 1;
                taken = Some(rule.action.clone());
            }
        }
        taken
    }
}
