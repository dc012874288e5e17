//! Graph's error bodies.

use crate::{clock, message::Answer};
use serde_json::{Value, json};
use std::borrow::Cow;

/// What identifies an answer for the service's support.
pub(crate) struct Ids {
    pub(crate) request_id: String,
    pub(crate) client_request_id: Option<String>,
    pub(crate) now: u64,
}

/// An error before it has ids: status, code, message, and the inner code when there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    pub(crate) inner: Option<Cow<'static, str>>,
}

impl Refusal {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), inner: None }
    }

    pub(crate) fn inner(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.inner = Some(code.into());
        self
    }

    pub(crate) fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "invalidRequest", message)
    }

    pub(crate) fn length_required() -> Self {
        Self::new(411, "invalidRequest", "Length required")
    }

    pub(crate) fn session_not_found() -> Self {
        Self::new(404, "itemNotFound", "The upload session was not found")
    }

    pub(crate) fn item_not_found() -> Self {
        Self::new(404, "itemNotFound", "The resource could not be found.")
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(403, "accessDenied", "Access denied")
    }

    pub(crate) fn answer(&self, ids: &Ids) -> Answer {
        let mut inner = json!({});
        if let Some(code) = &self.inner {
            inner["code"] = json!(code);
        }
        inner["date"] = json!(clock::iso(ids.now)[..19]);
        inner["request-id"] = json!(ids.request_id);
        inner["client-request-id"] = json!(ids.client_request_id.as_deref().unwrap_or(&ids.request_id));
        let body: Value = json!({"error": {"code": self.code, "message": self.message, "innerError": inner}});
        Answer::json(self.status, &body)
    }
}
