//! What at the destination keeps a file out, by the word that callers get. Where the service's codes do not tell, its
//! message has to: these are not translated by Graph.

use crate::error::graph_error::GraphError;

/// What keeps the file out, where the answer tells it apart from others of its status.
pub fn hindrance(status: u16, graph: &GraphError) -> Option<&'static str> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| graph.says(phrase));
    match status {
        403 | 409 | 423 if graph.has_code("resourceCheckedOut") || says(&["checked out"]) => {
            Some("checkedOut")
        }
        400 | 403 | 409 | 423 if says(&["retention", "record label"]) => Some("retention"),
        400 | 403 | 409 | 423 if says(&["sensitivity label"]) => Some("sensitivityLabel"),
        400 | 403 if says(&["policy", "data loss prevention"]) => Some("policy"),
        400 | 500 if says(&["required column", "required field", "column validation"]) => {
            Some("requiredColumn")
        }
        423 => Some("locked"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_file_out_has_its_word() {
        let body = |code: &str, inner: &str, message: &str| {
            let error = serde_json::json!({ "error": { "code": code, "message": message, "innerError": { "code": inner } } });
            GraphError::parse(error.to_string().as_bytes())
        };
        for (status, code, inner, message, word) in [
            (
                423,
                "notAllowed",
                "resourceLocked",
                "The resource you are attempting to access is locked",
                Some("locked"),
            ),
            (423, "notAllowed", "resourceCheckedOut", "", Some("checkedOut")),
            (423, "x", "", "The file a.docx is checked out for editing by Ann.", Some("checkedOut")),
            (403, "notAllowed", "", "A Retention label keeps this item as it is", Some("retention")),
            (423, "notAllowed", "resourceLocked", "It has a retention label", Some("retention")),
            (403, "accessDenied", "", "disabled by Policy", Some("policy")),
            (403, "accessDenied", "", "Its sensitivity label forbids that", Some("sensitivityLabel")),
            (500, "generalException", "", "Column validation failed", Some("requiredColumn")),
            (500, "generalException", "", "General exception while processing", None),
            (403, "accessDenied", "", "Access denied", None),
            (409, "nameAlreadyExists", "", "The specified item name already exists.", None),
            (200, "", "", "retention", None),
        ] {
            assert_eq!(
                hindrance(status, &body(code, inner, message)),
                word,
                "{status} {code} {inner} {message}"
            );
        }
    }
}
