//! Whatever comes from outside is read or refused, and never a panic: ranges, answers, error bodies, sessions, records,
//! create requests. Texts are drawn at random and by breaking good ones. `MGUPLOAD_GARBAGE` says how many of each.

use mg_upload::GraphError;
use mg_upload::Response;
use mg_upload::journal::{Entry, Journal};
use mg_upload::protocol::meaning::read_put;
use mg_upload::protocol::range;
use mg_upload::{CreateRequest, Family, Session, describe};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Good texts, to be broken.
const SEEDS: [&str; 8] = [
    r#"{"error":{"code":"invalidRange","message":"m","innerError":{"code":"fragmentOverlap","date":"2026","request-id":"r"}}}"#,
    r#"{"@odata.context":"c","expirationDateTime":"2026-01-29T09:21:55.523Z","nextExpectedRanges":["26-","5-9"],"uploadUrl":"https://h/x?guid='g'"}"#,
    r#"{"ExpirationDateTime":"2019-09-25T01:09:30.7671707Z","NextExpectedRanges":["2097152"]}"#,
    r#"{"id":"1","name":"a.bin","size":3,"file":{"hashes":{"quickXorHash":"YRDDGAAAAAAAAAAAAwAAAAAAAAA="}}}"#,
    r#"{"status":200,"family":"print","body":"{\"uploadUrl\":\"https://h/x\"}","origin":null}"#,
    r#"{"route":"MgUserDriveRootUploadSession","ids":{"UserId":"u","DriveId":"root:/a/b.c:"},"headers":[["If-Match","\"e\""]],"body":{"item":{"name":"n"},"deferCommit":true}}"#,
    r#"{"version":1,"id":"00","uploadUrl":"https://h/x","family":"drive","endpoint":"https://g","origin":null,"expires":null,"created":"2026","path":"/a","samples":{"length":1,"modified":null,"blocks":""},"chunk":327680,"position":0}"#,
    "26-127",
];

fn runs() -> Config {
    let cases = std::env::var("MGUPLOAD_GARBAGE").ok().and_then(|text| text.parse().ok()).unwrap_or(2000);
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// A seed with bytes changed, cut out, doubled or put in.
fn broken() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>()), 0..6);
    (prop::sample::select(&SEEDS[..]), edits).prop_map(|(seed, edits)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, edit, byte) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => bytes.extend_from_within(at..),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => broken(), 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn answers_and_error_bodies(body in text(), status in 100u16..600) {
        let _ = GraphError::parse(&body);
        let headers = vec![("location".to_owned(), String::from_utf8_lossy(&body).into_owned())];
        let _ = read_put(&Response { status, headers, body });
    }

    #[test]
    fn ranges(body in text(), total in any::<u64>()) {
        let text = String::from_utf8_lossy(&body);
        if let Ok(missing) = range::parse_list(text.split(',')) {
            let position = range::position(&missing, total);
            let gaps = range::gaps(&missing, total);
            prop_assert!(gaps.iter().all(|gap| gap.first <= gap.last && gap.last < total));
            prop_assert!(gaps.windows(2).all(|pair| pair[0].last < pair[1].first));
            let _ = (position, range::to_the_end(position, total));
        }
    }

    #[test]
    fn sessions_and_requests(body in text()) {
        let text = String::from_utf8_lossy(&body);
        if let Ok(session) = Session::from_json(&text) {
            prop_assert!(session.upload_url.expose().starts_with("http"));
        }
        if let Ok(request) = serde_json::from_str::<CreateRequest>(&text)
            && let Ok(described) = describe(request, "https://graph.microsoft.com")
        {
            prop_assert!(!described.path.contains("/../") && described.path.starts_with('/'));
        }
        let _ = Family::of_upload_url(&text);
    }

    #[test]
    fn records(body in text()) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("00.json"), &body).unwrap();
        let journal = Journal::new(folder.path());
        let entries = journal.entries().unwrap();
        prop_assert_eq!(entries.len(), 1);
        let readable = matches!(entries[0], Entry::Open { .. });
        prop_assert_eq!(journal.find("00").is_ok(), readable);
        prop_assert!(folder.path().join("00.json").exists());
    }
}
