//! Graph's error body: `{"error": {"code", "message", "innerError": {...}}}` and everything that comes instead of it
//! (<https://learn.microsoft.com/graph/errors>).

use serde_json::{Map, Value};

use crate::shown::{visible, visible_lines};

/// How much of a body that is not Graph's JSON is kept.
const RAW_LIMIT: usize = 4 * 1024;
/// How deep `innerError` is followed.
const DEPTH_LIMIT: usize = 16;

/// What an error body says. Reading it never fails: what is not there is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GraphError {
    /// The outermost code.
    pub code: Option<String>,
    /// The codes of the nested levels, outermost first.
    pub inner_codes: Vec<String>,
    /// The outermost message.
    pub message: Option<String>,
    /// `request-id` of the body.
    pub request_id: Option<String>,
    /// `client-request-id` of the body.
    pub client_request_id: Option<String>,
    /// `date` of the body.
    pub date: Option<String>,
    /// The first 4 KiB of the body as text, if there was one.
    pub raw: Option<String>,
}

impl GraphError {
    /// Reads a body of any kind.
    pub fn parse(body: &[u8]) -> GraphError {
        let mut parsed = GraphError { raw: raw_text(body), ..GraphError::default() };
        let Ok(Value::Object(root)) = serde_json::from_slice::<Value>(trim_bom(body)) else { return parsed };
        match member(&root, "error") {
            Some(Value::Object(error)) => parsed.read_levels(error),
            // The sign-in service's form.
            Some(Value::String(code)) => {
                parsed.code = Some(visible(code));
                parsed.message = lines(&root, "error_description");
            }
            _ => parsed.message = lines(&root, "message"),
        }
        parsed
    }

    fn read_levels(&mut self, outermost: &Map<String, Value>) {
        self.code = text(outermost, "code");
        self.message = lines(outermost, "message");
        let mut level = outermost;
        for _ in 0..DEPTH_LIMIT {
            for (slot, name) in [
                (&mut self.request_id, "request-id"),
                (&mut self.client_request_id, "client-request-id"),
                (&mut self.date, "date"),
            ] {
                if let Some(found) = text(level, name) {
                    *slot = Some(found);
                }
            }
            let Some(Value::Object(inner)) = member(level, "innerError") else { break };
            self.inner_codes.extend(text(inner, "code"));
            level = inner;
        }
    }

    /// Whether any level carries this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes().any(|own| own.eq_ignore_ascii_case(code))
    }

    /// All codes, outermost first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.code.iter().chain(&self.inner_codes).map(String::as_str)
    }

    /// Whether the message contains a phrase, whatever its case. Only for the cases in which the codes do not
    /// tell: protocol facts, not style.
    pub fn says(&self, phrase: &str) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.to_ascii_lowercase().contains(&phrase.to_ascii_lowercase()))
    }
}

/// A member by name, whatever its case (`innerError` and `innererror` both occur).
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    spoken(object, name).map(visible)
}

/// A text that may have several lines, which stay: a message.
fn lines(object: &Map<String, Value>, name: &str) -> Option<String> {
    spoken(object, name).map(visible_lines)
}

fn spoken<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(object, name)?.as_str().filter(|text| !text.is_empty())
}

fn trim_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn raw_text(body: &[u8]) -> Option<String> {
    let kept = &body[..body.len().min(RAW_LIMIT)];
    (!kept.is_empty()).then(|| visible_lines(&String::from_utf8_lossy(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphs_own_form_is_read_to_its_depth() {
        let body = br#"{"error":{"code":"invalidRange","message":"Uploaded fragment overlaps with existing data.",
            "innererror":{"code":"fragmentOverlap","date":"2026-01-29T09:21:55","request-id":"r","client-request-id":"c",
            "innerError":{"code":"deeper"}}}}"#;
        let error = GraphError::parse(body);
        assert_eq!(error.code.as_deref(), Some("invalidRange"));
        assert_eq!(error.inner_codes, ["fragmentOverlap", "deeper"]);
        assert_eq!(error.request_id.as_deref(), Some("r"));
        assert_eq!(error.client_request_id.as_deref(), Some("c"));
        assert_eq!(error.date.as_deref(), Some("2026-01-29T09:21:55"));
        assert!(error.has_code("FRAGMENTOVERLAP") && !error.has_code("other"));
        assert!(error.says("overlaps with"));
    }

    #[test]
    fn other_forms_keep_what_they_say() {
        let sign_in = GraphError::parse(br#"{"error":"invalid_grant","error_description":"desc"}"#);
        assert_eq!(
            (sign_in.code.as_deref(), sign_in.message.as_deref()),
            (Some("invalid_grant"), Some("desc"))
        );
        let bare = GraphError::parse(b"\xef\xbb\xbf{\"Message\":\"The request is invalid.\"}");
        assert_eq!((bare.code, bare.message.as_deref()), (None, Some("The request is invalid.")));
        let empty = GraphError::parse(br#"{"error":{"code":"UnknownError","message":""}}"#);
        assert_eq!((empty.code.as_deref(), empty.message), (Some("UnknownError"), None));
        let html = GraphError::parse(b"<html>Bad Request</html>");
        assert_eq!((html.code, html.raw.as_deref()), (None, Some("<html>Bad Request</html>")));
        assert_eq!(GraphError::parse(b"").raw, None);
        assert_eq!(GraphError::parse(b"[1,2]").code, None);
        assert_eq!(GraphError::parse(&[0xff; 9000]).raw.unwrap().chars().count(), 4096);
    }

    #[test]
    fn the_deepest_level_knows_the_ids_and_a_name_in_its_own_case_goes_first() {
        let error = GraphError::parse(
            br#"{"error":{"code":"c","request-id":"outer","date":7,"innerError":{"request-id":"inner","innerError":{"code":""}}}}"#,
        );
        assert_eq!((error.request_id.as_deref(), error.date.as_deref()), (Some("inner"), None));
        assert_eq!(error.inner_codes, [""; 0]);
        assert!(error.has_code("c") && !error.has_code(""));
        let two: Map<String, Value> = serde_json::from_str(r#"{"CODE":1,"code":2}"#).unwrap();
        assert_eq!((member(&two, "code"), member(&two, "Code")), (Some(&2.into()), Some(&1.into())));
        assert_eq!(member(&two, "cod"), None);
        let said = GraphError { message: Some("Upload Session Not Found.".into()), ..GraphError::default() };
        assert!(said.says("session not found") && said.says("SESSION") && !said.says("sessions"));
        assert!(!GraphError::default().says(""));
    }

    #[test]
    fn endless_nesting_is_cut() {
        let deep =
            format!(r#"{{"error":{}{{}}{}}}"#, r#"{"code":"c","innerError":"#.repeat(100), "}".repeat(100));
        assert_eq!(GraphError::parse(deep.as_bytes()).inner_codes.len(), DEPTH_LIMIT);
    }
}
