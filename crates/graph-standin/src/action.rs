//! The `do` of a fault rule, as it is written in JSON.

use crate::fault::{Fault, Scripted, Stored};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The JSON form of a fault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Action {
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Scripted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_answer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stall_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<bool>,
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    go_on: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_fragments: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
}

impl TryFrom<Action> for Fault {
    type Error = String;

    fn try_from(action: Action) -> Result<Self, String> {
        let stored = match action.stored {
            None | Some(Value::Bool(false)) => Stored::No,
            Some(Value::Bool(true)) => Stored::Yes,
            Some(Value::String(s)) if s == "uncommitted" => Stored::Uncommitted,
            Some(other) => return Err(format!("stored is false, true or \"uncommitted\", not {other}")),
        };
        let mut all = Vec::new();
        if let Some(answer) = action.answer {
            if !(200..=599).contains(&answer.status) {
                return Err(format!("answer.status is from 200 to 599, not {}", answer.status));
            }
            all.push(Self::Answer(answer, stored));
        }
        if let Some(reset) = action.reset {
            all.push(match reset.as_str() {
                "before" => Self::ResetBefore,
                "body" => Self::ResetBody(action.after_bytes.unwrap_or(0)),
                "after-store" => Self::ResetAfterStore,
                other => return Err(format!("reset is before, body or after-store, not {other}")),
            });
        }
        all.extend(action.cut_answer.filter(|yes| *yes).map(|_| Self::CutAnswer));
        all.extend(action.stall_millis.map(Self::Stall));
        all.extend(action.close.filter(|yes| *yes).map(|_| Self::Close));
        all.extend(action.go_on.filter(|yes| *yes).map(|_| Self::Continue));
        all.extend(action.redirect.map(|status| Self::Redirect(status, action.to)));
        all.extend(action.lag_fragments.map(Self::Lag));
        all.extend(action.ranges.map(Self::Ranges));
        all.extend(action.headers.map(Self::Headers));
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err("a rule does exactly one thing".into()),
        }
    }
}

impl From<Fault> for Action {
    fn from(fault: Fault) -> Self {
        let mut action = Self::default();
        match fault {
            Fault::Answer(answer, stored) => {
                action.answer = Some(answer);
                action.stored = match stored {
                    Stored::No => None,
                    Stored::Yes => Some(true.into()),
                    Stored::Uncommitted => Some("uncommitted".into()),
                };
            }
            Fault::ResetBefore => action.reset = Some("before".into()),
            Fault::ResetBody(bytes) => {
                action.reset = Some("body".into());
                action.after_bytes = Some(bytes);
            }
            Fault::ResetAfterStore => action.reset = Some("after-store".into()),
            Fault::CutAnswer => action.cut_answer = Some(true),
            Fault::Stall(millis) => action.stall_millis = Some(millis),
            Fault::Close => action.close = Some(true),
            Fault::Continue => action.go_on = Some(true),
            Fault::Redirect(status, to) => (action.redirect, action.to) = (Some(status), to),
            Fault::Lag(fragments) => action.lag_fragments = Some(fragments),
            Fault::Ranges(ranges) => action.ranges = Some(ranges),
            Fault::Headers(headers) => action.headers = Some(headers),
        }
        action
    }
}
