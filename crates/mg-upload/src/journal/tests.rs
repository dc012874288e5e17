use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;

use super::*;
use crate::family::Family;

fn record(url: &str) -> Record {
    Record {
        version: VERSION,
        id: id_of(url),
        upload_url: url.into(),
        family: Family::Drive,
        endpoint: "https://graph.microsoft.com".into(),
        origin: None,
        expires: None,
        created: "2026-01-01T00:00:00Z".into(),
        path: "/tmp/a".into(),
        samples: Samples::unknown(),
        is_copy: false,
        chunk: 327_680,
        position: 0,
        end_begun: false,
        not_before: None,
    }
}

#[tokio::test]
async fn a_record_survives_its_claim_and_a_forgotten_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path().join("sessions"));
    assert!(journal.entries().unwrap().is_empty());
    let mut claim = journal.claim("https://h/secret").unwrap();
    claim.write(record("https://h/secret"), true).unwrap();
    drop(claim);
    let entries = journal.entries().unwrap();
    assert!(matches!(&entries[..], [Entry::Open(found)] if found.upload_url == "https://h/secret"));
    assert_eq!(journal.find(&id_of("https://h/secret")).unwrap().path, PathBuf::from("/tmp/a"));
    let again = journal.claim("https://h/secret").unwrap();
    assert!(again.record().is_some());
    again.forget();
    assert!(journal.entries().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(folder.path().join("sessions")).unwrap().count(), 0);
}

#[tokio::test]
async fn one_session_is_fed_by_one_claim() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let first = journal.claim("https://h/1").unwrap();
    assert!(matches!(journal.claim("https://h/1"), Err(Error::InUse)));
    journal.claim("https://h/2").unwrap();
    drop(first);
    journal.claim("https://h/1").unwrap();
}

#[test]
fn a_lock_that_is_being_removed_lets_nobody_in_beside_another() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let holders = AtomicU32::new(0);
    let claims = || {
        for _ in 0..2000 {
            let Ok(claim) = journal.claim("https://h/1") else { continue };
            assert_eq!(holders.fetch_add(1, SeqCst), 0, "two feed one session");
            std::thread::sleep(Duration::from_micros(50));
            holders.fetch_sub(1, SeqCst);
            claim.forget();
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(claims))));
}

#[tokio::test]
async fn what_cannot_be_read_is_reported_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let mut newer = serde_json::to_value(record("https://h/1")).unwrap();
    newer["version"] = 2.into();
    for (name, text) in
        [("a.json", "{"), ("b.json", &newer.to_string()), ("c.json", r#"{"version":1}"#), ("d.json", "")]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("e.txt"), "not ours").unwrap();
    let entries = journal.entries().unwrap();
    assert_eq!(entries.len(), 4);
    assert!(entries.iter().all(|entry| matches!(entry, Entry::Unreadable { .. })));
    assert!(matches!(&entries[1], Entry::Unreadable { why, .. } if why.contains("version 2")));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
    for id in ["", "../a", "zz", "abcdef"] {
        assert!(journal.find(id).is_err(), "{id}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn records_are_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path().join("deep").join("sessions"));
    let mut claim = journal.claim("https://h/1").unwrap();
    claim.write(record("https://h/1"), false).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("deep").join("sessions")), 0o700);
    for file in std::fs::read_dir(folder.path().join("deep").join("sessions")).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}
