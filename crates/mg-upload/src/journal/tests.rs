use std::fs::File;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, SystemTime};

use super::*;
use crate::family::Family;
use crate::source::Samples;

fn record(url: &str) -> Record {
    Record {
        version: VERSION,
        id: id_of(url),
        upload_url: url.into(),
        family: Family::Drive,
        endpoint: Some("https://graph.microsoft.com".into()),
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
    assert!(
        matches!(&entries[..], [Entry::Open { record: found, .. }] if found.upload_url == "https://h/secret")
    );
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

#[tokio::test]
async fn a_list_tells_what_is_being_fed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let mut claim = journal.claim("https://h/1").unwrap();
    claim.write(record("https://h/1"), false).unwrap();
    let is_fed = || match &journal.entries().unwrap()[..] {
        [Entry::Open { is_fed, .. }] => *is_fed,
        other => panic!("{other:?}"),
    };
    assert!(is_fed());
    drop(claim);
    assert!(!is_fed());
}

#[test]
fn who_only_looks_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    drop(journal.lock("a").unwrap());
    let look = File::open(journal.lock_file("a")).unwrap();
    look.try_lock_shared().unwrap();
    assert!(!journal.is_locked("a"), "nor does it seem to be fed");
    std::thread::scope(|scope| {
        let taken = scope.spawn(|| journal.lock("a").map(drop));
        std::thread::sleep(system::LOOKED_AT / 5);
        drop(look);
        taken.join().unwrap().unwrap();
    });
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

#[test]
fn a_relative_folder_stays_where_it_is() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(Journal::new("state").folder.path(), here.join("state"));
}

#[tokio::test]
async fn what_a_process_has_left_in_the_middle_of_a_write_is_put_in_place_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let file = |url: &str, extension: &str| folder.path().join(id_of(url)).with_extension(extension);
    let leave = |url: &str, extension: &str, text: &str, age: u64| {
        let left = private_file(&file(url, extension));
        std::io::Write::write_all(&mut &left, text.as_bytes()).unwrap();
        left.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    };
    let whole = |url: &str| serde_json::to_string(&record(url)).unwrap();
    leave("https://h/whole", "new", &whole("https://h/whole"), 120);
    leave("https://h/half", "new", &whole("https://h/half")[..50], 120);
    leave("https://h/young", "new", "{", 0);
    leave("https://h/lock", "lock", "", 120);
    leave("https://h/held", "new", "{", 120);
    let held = journal.lock(&id_of("https://h/held")).unwrap();
    let mut claim = journal.claim("https://h/both").unwrap();
    claim.write(record("https://h/both"), false).unwrap();
    leave("https://h/both", "new", "{", 120);
    drop(claim);

    let urls = |entries: Vec<Entry>| {
        let urls = entries.into_iter().map(|entry| match entry {
            Entry::Open { record, .. } => record.upload_url.clone(),
            Entry::Unreadable { why, .. } => why,
        });
        urls.collect::<std::collections::BTreeSet<_>>()
    };
    let listed = urls(journal.entries().unwrap());
    assert_eq!(listed, ["https://h/both", "https://h/whole"].map(str::to_owned).into());
    let left = |url: &str, extension: &str| file(url, extension).exists();
    assert!(
        !left("https://h/whole", "new") && !left("https://h/half", "new") && !left("https://h/both", "new")
    );
    assert!(!left("https://h/half", "lock") && !left("https://h/lock", "lock"));
    assert!(left("https://h/young", "new") && left("https://h/held", "new"), "one may be under way, one is");

    // Who only uploads clears up too.
    drop(held);
    Journal::new(folder.path()).claim("https://h/other").unwrap();
    assert!(!left("https://h/held", "new"));
}

#[tokio::test]
async fn a_session_that_nothing_was_sent_to_is_listed_until_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    for (url, expires, looked_at) in [
        ("https://h/alive", "2999-01-01T00:00:00Z", false),
        ("https://h/over", "2026-01-01T00:00:00Z", false),
        ("https://h/fed", "2026-01-01T00:00:00Z", true),
    ] {
        let mut record = Record { expires: Some(expires.into()), ..record(url) };
        if looked_at {
            record.samples.blocks = "ab".into();
        }
        journal.claim(url).unwrap().write(record, false).unwrap();
    }
    let listed: Vec<_> = journal.entries().unwrap().iter().map(|entry| format!("{entry:?}")).collect();
    assert_eq!(listed.len(), 2);
    assert!(!folder.path().join(id_of("https://h/over")).with_extension("json").exists());
}

fn private_file(path: &Path) -> File {
    system::private().create(true).write(true).open(path).unwrap()
}

/// What others could plant in a folder is neither followed nor believed nor waited for, and harms nothing but itself.
#[cfg(unix)]
#[tokio::test]
async fn what_is_planted_harms_nothing_but_itself() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path().join("sessions"));
    journal.claim("https://h/good").unwrap().write(record("https://h/good"), false).unwrap();
    let file = |url: &str, extension: &str| journal.file(&id_of(url)).with_extension(extension);
    let victim = folder.path().join("victim");
    std::fs::write(&victim, serde_json::to_string(&record("https://h/linked")).unwrap()).unwrap();
    let before = std::fs::read(&victim).unwrap();

    mknodat(CWD, file("https://h/pipe", "json"), FileType::Fifo, Mode::from(0o600), 0).unwrap();
    symlink("/dev/zero", file("https://h/zero", "json")).unwrap();
    symlink(&victim, file("https://h/linked", "json")).unwrap();
    private_file(&file("https://h/large", "json")).set_len(1 << 40).unwrap();
    std::fs::create_dir(file("https://h/folder", "json")).unwrap();
    // Another URL under a session's name; and a whole record that all may write to.
    let text = serde_json::to_string(&record("https://evil/x")).unwrap();
    std::fs::write(file("https://h/other", "json"), &text).unwrap();
    std::fs::write(file("https://evil/x", "json"), &text).unwrap();
    std::fs::set_permissions(file("https://evil/x", "json"), PermissionsExt::from_mode(0o666)).unwrap();
    let text = text
        .replace("https://evil/x", "http://evil/x")
        .replace(&id_of("https://evil/x"), &id_of("http://evil/x"));
    std::fs::write(file("http://evil/x", "json"), text).unwrap();

    let entries = journal.entries().unwrap();
    let open: Vec<_> = entries.iter().filter(|entry| matches!(entry, Entry::Open { .. })).collect();
    assert_eq!((open.len(), entries.len()), (1, 9), "{entries:?}");
    for url in [
        "https://h/pipe",
        "https://h/zero",
        "https://h/linked",
        "https://h/large",
        "https://h/other",
        "https://evil/x",
    ] {
        assert_eq!(journal.find(&id_of(url)).unwrap_err().kind(), crate::Kind::InvalidInput, "{url}");
        assert!(journal.claim(url).is_err(), "{url}");
    }

    // Where a record is written to, and what is locked.
    symlink(&victim, file("https://h/good", "new")).unwrap();
    journal.claim("https://h/good").unwrap().write(record("https://h/good"), false).unwrap();
    symlink(&victim, file("https://h/lock", "lock")).unwrap();
    assert!(matches!(journal.claim("https://h/lock"), Err(Error::Journal { .. })));
    mknodat(CWD, file("https://h/pipe2", "lock"), FileType::Fifo, Mode::from(0o600), 0).unwrap();
    assert!(matches!(journal.claim("https://h/pipe2"), Err(Error::Journal { .. })));
    assert_eq!(std::fs::read(&victim).unwrap(), before);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_can_write_in_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    journal.claim("https://h/1").unwrap().write(record("https://h/1"), false).unwrap();
    for (mode, usable) in [(0o777, false), (0o1777, false), (0o770, false), (0o755, true)] {
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        let failures = [
            journal.entries().err(),
            journal.find(&id_of("https://h/1")).err(),
            journal.claim("https://h/2").err(),
        ];
        for failure in failures {
            assert_eq!(failure.is_none(), usable, "{mode:o}");
            let Some(error) = failure else { continue };
            assert_eq!(error.kind(), crate::Kind::StateUnusable);
            let text = error.to_string();
            assert!(
                text.contains("MGUPLOAD_STATE") && text.contains(folder.path().to_str().unwrap()),
                "{text}"
            );
        }
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

#[cfg(unix)]
#[test]
fn a_lock_is_given_back_though_a_forked_child_has_its_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let lock = journal.lock("ab").unwrap();
    // As after a fork: the same open file, once more.
    let _inherited = lock.file().try_clone().unwrap();
    assert!(matches!(journal.lock("ab"), Err(Error::InUse)));
    drop(lock);
    journal.lock("ab").unwrap();
}
