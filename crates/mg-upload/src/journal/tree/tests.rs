use serde_json::Value;

use super::super::{TreeEntry, job_id};
use super::*;

fn listed(journal: &Journal) -> Vec<(Job, Option<Standing>, bool)> {
    let entries = journal.tree_jobs().unwrap().into_iter().map(|entry| match entry {
        TreeEntry::Open { job, standing, is_running } => (*job, standing, is_running),
        TreeEntry::Unreadable { file, why } => panic!("{file:?}: {why}"),
    });
    entries.collect()
}

fn job() -> Job {
    Job {
        version: 0,
        id: job_id(&["a", "b"]),
        endpoint: "https://graph.test".into(),
        created: "2026-01-01T00:00:00Z".into(),
        request: Value::Null,
        destination: Value::Null,
    }
}

fn made(length: u64) -> Made {
    Made { length, modified: Some(Timestamp::UNIX_EPOCH), c_tag: "c".into() }
}

#[test]
fn what_is_noted_is_known_to_the_next_run_and_to_no_second_one() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    assert!(journal.tree_jobs().unwrap().is_empty());
    let notes = journal.begin_tree(job()).unwrap();
    for (at, url) in [("a", "https://u/1"), ("b", "https://u/2"), ("a", "https://u/3")] {
        notes.opened(at, &Secret::new(url)).unwrap();
    }
    notes.closed("b");
    notes.made("c", made(1)).unwrap();
    notes.made("c", made(2)).unwrap();
    assert!(matches!(journal.begin_tree(job()), Err(Error::InUse)));
    let standing = Standing { done: 1, known: 2, walked: true, bytes_done: 3, bytes_total: 4 };
    notes.stands(&standing).unwrap();
    let seen = listed(&journal);
    assert_eq!((seen.len(), seen[0].2, seen[0].0.id.as_str()), (1, true, job().id.as_str()));
    assert_eq!(seen[0].1, Some(standing));
    assert!(matches!(journal.take_tree(&job().id), Err(Error::InUse)));
    drop(notes);
    let later = Job { created: "2027-01-01T00:00:00Z".into(), ..job() };
    let notes = journal.begin_tree(later).unwrap();
    assert_eq!(
        notes.open.iter().map(|(at, url)| (at.as_str(), url.expose())).collect::<Vec<_>>(),
        [("a", "https://u/3")]
    );
    assert_eq!(notes.made, [("c".to_owned(), made(2))].into());
    assert_eq!(listed(&journal)[0].0.created, job().created, "it began then");
    notes.done().unwrap();
    drop(notes);
    assert!(journal.tree_jobs().unwrap().is_empty());
    for id in [job().id.as_str(), "", "../x", "zz"] {
        assert!(matches!(journal.take_tree(id), Err(Error::UnknownId(_))), "{id}");
    }
    assert_eq!(journal.begin_tree(job()).unwrap().made.len(), 1, "what was made stays known");
    assert_eq!(listed(&journal)[0].1, None, "and nothing is done of the new one");
}

#[test]
fn notes_do_not_grow_without_end_and_a_torn_line_is_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path());
    let notes = journal.begin_tree(job()).unwrap();
    notes.made("kept", made(1)).unwrap();
    for _ in 0..STALE {
        notes.opened("x", &Secret::new("https://u/1")).unwrap();
        notes.closed("x");
    }
    notes.keep().unwrap();
    drop(notes);
    let path = folder.path().join("trees").join(format!("{}.notes", job().id));
    let whole = r#"{"open":{"at":"y","url":"https://u/2"}}"#;
    for (tear, known) in [(&whole[..20], 1), (whole, 2)] {
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(tear.as_bytes()).unwrap();
        let notes = journal.begin_tree(job()).unwrap();
        assert_eq!((notes.made.len(), notes.open.len() + 1), (1, known));
        notes.opened("next", &Secret::new("https://u/3")).unwrap();
        drop(notes);
        let notes = journal.begin_tree(job()).unwrap();
        assert_eq!(notes.open.len(), known, "what is noted behind it is read");
        notes.closed("next");
        notes.keep().unwrap();
    }
    assert!(fs::metadata(&path).unwrap().len() < 200);
}

#[cfg(unix)]
#[test]
fn what_holds_secrets_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let _notes = Journal::new(folder.path().join("s")).begin_tree(job()).unwrap();
    for file in fs::read_dir(folder.path().join("s/trees")).unwrap().flatten() {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}
