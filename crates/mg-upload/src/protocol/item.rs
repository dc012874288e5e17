//! Does the service have what was sent? Compares hash and size with what it reports.

use quick_xor_hash::{QuickXor, matches};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::graph_error::member;

/// What comparing the bytes sent with the service's report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Integrity {
    /// The service reports the hash of the bytes sent.
    Verified,
    /// It reports another one.
    Mismatch,
    /// It reports none.
    NotReported,
    /// It reports another one for a kind of file into which SharePoint writes properties.
    RewrittenByService,
}

/// Kinds of files that SharePoint changes after they have arrived.
const REWRITTEN: [&str; 22] = [
    "docx", "docm", "dotx", "dotm", "doc", "xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "pptx", "pptm",
    "potx", "potm", "ppsx", "ppt", "pdf", "html", "htm", "jpg", "jpeg",
];

/// The quickXorHash that an item carries.
pub(crate) fn reported_hash(item: &Map<String, Value>) -> Option<&str> {
    let hashes = member(member(item, "file")?.as_object()?, "hashes")?.as_object()?;
    member(hashes, "quickXorHash")?.as_str().filter(|hash| !hash.trim().is_empty())
}

/// The size that an item carries.
pub(crate) fn reported_size(item: &Map<String, Value>) -> Option<u64> {
    member(item, "size")?.as_u64()
}

/// Whether the service has found malware in it (<https://learn.microsoft.com/graph/api/resources/malware>).
pub(crate) fn has_malware(item: &Map<String, Value>) -> bool {
    member(item, "malware").is_some_and(Value::is_object)
}

/// Compares an item with the bytes sent.
pub(crate) fn verdict(item: &Map<String, Value>, sent: &QuickXor) -> Integrity {
    let same_size = reported_size(item).is_none_or(|size| size == sent.len());
    match reported_hash(item) {
        Some(hash) if same_size && matches(hash, &sent.digest()) => Integrity::Verified,
        None if same_size => Integrity::NotReported,
        _ if may_be_rewritten(item) => Integrity::RewrittenByService,
        _ => Integrity::Mismatch,
    }
}

/// Whether an item is of a kind that SharePoint writes properties into.
pub(crate) fn may_be_rewritten(item: &Map<String, Value>) -> bool {
    let drive_type = member(item, "parentReference")
        .and_then(Value::as_object)
        .and_then(|parent| member(parent, "driveType"))
        .and_then(Value::as_str);
    drive_type != Some("personal")
        && member(item, "name").and_then(Value::as_str).is_some_and(is_rewritten_kind)
}

/// Whether SharePoint writes properties into files of such a name.
pub(crate) fn is_rewritten_kind(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|own| REWRITTEN.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_verdict() {
        let mut sent = QuickXor::default();
        sent.update(b"abc");
        for (json, expected) in [
            (
                r#"{"size":3,"file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#,
                Integrity::Verified,
            ),
            (
                r#"{"Size":3,"File":{"Hashes":{"QuickXorHash":"6110C31800000000000000000300000000000000"}}}"#,
                Integrity::Verified,
            ),
            (r#"{"size":3,"file":{"hashes":{}}}"#, Integrity::NotReported),
            (r#"{"size":3}"#, Integrity::NotReported),
            ("{}", Integrity::NotReported),
            (r#"{"size":4}"#, Integrity::Mismatch),
            (r#"{"size":3,"name":"a.bin","file":{"hashes":{"quickXorHash":"AAAA"}}}"#, Integrity::Mismatch),
            (
                r#"{"size":9,"name":"a.DOCX","file":{"hashes":{"quickXorHash":"AAAA"}}}"#,
                Integrity::RewrittenByService,
            ),
            (r#"{"size":9,"name":"a.docx","parentReference":{"driveType":"personal"}}"#, Integrity::Mismatch),
            (
                r#"{"size":4,"name":"a.bin","file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#,
                Integrity::Mismatch,
            ),
            (r#"{"size":3,"file":{"hashes":{"quickXorHash":" "}}}"#, Integrity::NotReported),
            (r#"{"file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#, Integrity::Verified),
            (
                r#"{"size":9,"name":"a.pdf","parentReference":{"driveType":"business"}}"#,
                Integrity::RewrittenByService,
            ),
        ] {
            assert_eq!(verdict(&item(json), &sent), expected, "{json}");
        }
    }

    /// Written out again: a kind left out is an upload called damaged, one too many is a damage not seen.
    #[test]
    fn only_these_kinds_of_files_are_written_into() {
        let may = |name: &str| may_be_rewritten(&item(&format!(r#"{{"name":"{name}"}}"#)));
        let kinds = "docx docm dotx dotm doc xlsx xlsm xltx xltm xlsb xls pptx pptm potx potm ppsx ppt pdf html htm jpg jpeg";
        for kind in kinds.split(' ') {
            assert!(may(&format!("a.b.{kind}")) && may(&format!("a.{}", kind.to_uppercase())), "{kind}");
        }
        for name in ["docx", "a.bin", "a.png", "a.txt", "a.zip", "a.mp4", "a.docx.bin", "a.", ".", ""] {
            assert!(!may(name), "{name}");
        }
        assert!(!may_be_rewritten(&item("{}")));
    }
}
