use std::collections::BTreeMap;
use std::path::Path;

use super::*;

fn walk(sources: Vec<Source>) -> Walk {
    Walk {
        sources,
        recurse: true,
        filter: Filter::new(&[], &[]).unwrap(),
        hidden: false,
        links: Links::Skip,
        cloud_only: false,
        map: None,
        drive: DriveKind::Business,
        before: 0,
        at_root: false,
    }
}

fn source(path: &Path) -> Source {
    Source { path: path.into(), contents: false, found: false, name: None }
}

/// What a walk meets, by the path that it has at the destination; folders end with a slash.
fn met(walk: &Walk) -> BTreeMap<String, String> {
    let (mut all, mut folder): (_, Names) = (BTreeMap::new(), Arc::from([]));
    let mut add = |names: &Names, name: &str, what: String| {
        let path = names.iter().map(|name| format!("{name}/")).collect::<String>() + name;
        assert!(all.insert(path.clone(), what).is_none(), "{path} twice");
    };
    let _ = walk.run(&mut |met| {
        match met {
            Met::Folder { names, .. } => {
                folder = Arc::clone(&names);
                if !names.is_empty() {
                    add(&names, "", "folder".into());
                }
            }
            Met::File { path, name, local } => {
                assert_eq!(fs::metadata(path).unwrap().len(), local.length);
                add(&folder, &name, "file".into());
            }
            Met::Odd { names, name, odd, .. } => {
                let odd = match odd {
                    Odd::Name(bad) => bad.reason().to_owned(),
                    other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
                };
                add(&names, &name, odd);
            }
            Met::Filtered => {}
        }
        ControlFlow::Continue(())
    });
    all
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Reports");
    for name in ["a/b/deep.txt", "a/x.txt", "top.txt", ".hidden", "empty/"] {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !name.ends_with('/') {
            fs::write(path, name).unwrap();
        }
    }
    fs::create_dir_all(root.join("empty")).unwrap();
    if cfg!(windows) {
        // There a name hides nothing.
        let made = std::process::Command::new("attrib").arg("+h").arg(root.join(".hidden")).status();
        assert!(made.unwrap().success());
    }
    folder
}

fn is(all: &BTreeMap<String, String>, path: &str) -> String {
    all.get(path).cloned().unwrap_or_else(|| "nothing".into())
}

#[test]
fn a_folder_arrives_under_its_name_and_its_contents_without() {
    let folder = tree();
    let root = folder.path().join("Reports");
    let all = met(&walk(vec![source(&root)]));
    let paths: Vec<_> = all.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "Reports/",
            "Reports/a/",
            "Reports/a/b/",
            "Reports/a/b/deep.txt",
            "Reports/a/x.txt",
            "Reports/empty/",
            "Reports/top.txt"
        ]
    );
    let contents = met(&walk(vec![Source { path: root.clone(), contents: true, found: false, name: None }]));
    assert_eq!(is(&contents, "top.txt"), "file");
    assert!(!contents.contains_key("Reports/"));
    let two = met(&walk(vec![source(&root.join("top.txt")), source(&root.join("a"))]));
    assert_eq!((is(&two, "top.txt"), is(&two, "a/b/deep.txt")), ("file".into(), "file".into()));
}

#[test]
fn what_is_not_meant_is_not_met_and_what_is_named_is() {
    let folder = tree();
    let root = folder.path().join("Reports");
    let mut some = walk(vec![source(&root)]);
    some.filter = Filter::new(&["*.txt".into()], &["a".into()]).unwrap();
    let all = met(&some);
    assert_eq!((is(&all, "Reports/top.txt"), is(&all, "Reports/a/x.txt")), ("file".into(), "nothing".into()));
    some.hidden = true;
    some.filter = Filter::new(&[], &[]).unwrap();
    assert_eq!(is(&met(&some), "Reports/.hidden"), "file");
    assert_eq!(is(&met(&walk(vec![source(&root.join(".hidden"))])), ".hidden"), "file");
    let flat = Walk { recurse: false, ..walk(vec![source(&root), source(&root.join("missing"))]) };
    let all = met(&flat);
    assert_eq!((is(&all, "Reports"), is(&all, "missing")), ("NoRecurse".into(), "Unreadable".into()));
}

#[test]
fn patterns_are_for_what_was_found_and_not_for_what_was_named() {
    let folder = tree();
    let root = folder.path().join("Reports");
    let sources = |found| {
        let of = |name: &str| Source { found, ..source(&root.join(name)) };
        vec![of("top.txt"), of("a")]
    };
    let with = |found, include: &[&str], exclude: &[&str], recurse| {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let filter = Filter::new(&owned(include), &owned(exclude)).unwrap();
        met(&Walk { filter, recurse, ..walk(sources(found)) })
    };
    for (found, include, exclude, top, below) in [
        (false, &[][..], &["top*", "a"][..], "file", "file"),
        (true, &[], &["top*", "a"], "nothing", "nothing"),
        (true, &["*.xlsx"], &[], "nothing", "nothing"),
        (true, &["*.txt"], &[], "file", "file"),
    ] {
        let all = with(found, include, exclude, true);
        assert_eq!((&*is(&all, "top.txt"), &*is(&all, "a/b/deep.txt")), (top, below), "{found} {include:?}");
    }
    assert_eq!(is(&with(true, &[], &["a"], false), "a"), "nothing", "nobody wants it sent");
    assert_eq!(is(&with(true, &[], &[], false), "a"), "NoRecurse");
    let inside = Source { contents: true, found: true, ..source(&root.join("a")) };
    let mut some = walk(vec![inside]);
    some.filter = Filter::new(&[], &["a".into()]).unwrap();
    assert_eq!(is(&met(&some), "b/deep.txt"), "nothing");
}

#[cfg(unix)]
#[test]
fn links_loops_pipes_and_what_cannot_be_read() {
    use std::os::unix::fs::symlink;
    let folder = tree();
    let root = folder.path().join("Reports");
    symlink("top.txt", root.join("link")).unwrap();
    symlink("..", root.join("a/up")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let mut some = walk(vec![source(&root)]);
    let all = met(&some);
    for name in ["link", "a/up", "dangling"] {
        assert_eq!(is(&all, &format!("Reports/{name}")), "Link", "{name}");
    }
    assert_eq!(is(&all, "Reports/socket"), "Special");
    some.links = Links::Follow;
    let all = met(&some);
    let of = |name: &str| is(&all, &format!("Reports/{name}"));
    assert_eq!((of("link"), of("a/up"), of("dangling")), ("file".into(), "Loop".into(), "Dangling".into()));
    let below = met(&Walk { links: Links::Follow, ..walk(vec![source(&root.join("a"))]) });
    assert_eq!(is(&below, "a/up"), "Loop", "what it leads to is above the source");
    let same = met(&walk(vec![source(&root.join("link"))]));
    assert_eq!(is(&same, "link"), "file", "a link that is named is followed");
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_cannot_be_had_are_told_and_so_is_all_below_them() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tree();
    let root = folder.path().join("Reports");
    for name in ["a/X.TXT", "bad:/in.txt", "bad:/deep/er.txt", "worse*/", "ends./x", "~tmp/y", "~tmp.txt"] {
        let path = root.join(name);
        fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
        if !name.ends_with('/') {
            fs::write(path, "x").unwrap();
        }
    }
    fs::write(root.join(OsStr::from_bytes(b"\xff")), "x").unwrap();
    let all = met(&walk(vec![source(&root)]));
    let of = |name: &str| is(&all, &format!("Reports/{name}"));
    assert_eq!((of("a/x.txt"), of("a/X.TXT")), ("caseCollision".into(), "caseCollision".into()));
    assert_eq!(of("bad:/in.txt"), "invalidName");
    assert_eq!((of("bad:/deep/er.txt"), of("bad:/")), ("invalidName".into(), "nothing".into()));
    assert_eq!((of("worse*"), of("ends./x")), ("invalidName".into(), "invalidName".into()));
    assert_eq!((of("~tmp/y"), of("~tmp.txt")), ("reservedName".into(), "file".into()));
    assert_eq!(of("\u{fffd}"), "invalidName");
    assert_eq!(of("top.txt"), "file");
}

#[test]
fn a_name_is_checked_where_it_stands() {
    let folder = tree();
    let root = folder.path().join("Reports");
    fs::create_dir_all(root.join("Forms")).unwrap();
    let longest = 400 - "Reports/a/b/deep.txt".len();
    for (before, deep) in [(longest, "file"), (longest + 1, "pathTooLong")] {
        let all = met(&Walk { before, ..walk(vec![source(&root)]) });
        assert_eq!(is(&all, "Reports/a/b/deep.txt"), deep, "{before}");
        assert_eq!(is(&all, "Reports/a/x.txt"), "file");
    }
    let below = met(&Walk { at_root: true, ..walk(vec![source(&root)]) });
    assert_eq!(is(&below, "Reports/Forms/"), "folder");
    let at_root = met(&Walk { at_root: true, ..walk(vec![source(&root.join("Forms"))]) });
    assert_eq!(is(&at_root, "Forms"), "reservedName");
}

#[cfg(target_os = "linux")]
#[test]
fn two_forms_of_one_name_collide_and_a_map_helps_against_characters() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["cafe\u{301}", "caf\u{e9}", "a:b"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let mut some =
        walk(vec![Source { path: folder.path().into(), contents: true, found: false, name: None }]);
    let reasons = |walk: &Walk| {
        let mut found = Vec::new();
        let _ = walk.run(&mut |met| {
            match met {
                Met::Odd { name, odd: Odd::Name(bad), .. } => found.push((name, bad.reason())),
                Met::File { name, .. } => found.push((name, "file")),
                _ => {}
            }
            ControlFlow::Continue(())
        });
        found
    };
    let twins = ("caf\u{e9}".to_owned(), "normalizationCollision");
    assert_eq!(reasons(&some), [("a:b".to_owned(), "invalidName"), twins.clone(), twins.clone()]);
    some.map = serde_json::from_str(r#""fullwidth""#).unwrap();
    assert_eq!(reasons(&some), [("a：b".to_owned(), "file"), twins.clone(), twins]);
}

#[test]
fn the_paths_length_counts_the_destinations_own() {
    let folder = tree();
    let mut some = walk(vec![source(&folder.path().join("Reports"))]);
    some.before = 400 - "Reports/a/x.txt".len();
    let all = met(&some);
    assert_eq!(
        (is(&all, "Reports/a/x.txt"), is(&all, "Reports/a/b/deep.txt")),
        ("file".into(), "pathTooLong".into())
    );
}

#[test]
fn a_walk_ends_when_nobody_listens() {
    let folder = tree();
    let mut met = 0;
    let ended = walk(vec![source(folder.path())]).run(&mut |_| {
        met += 1;
        ControlFlow::Break(())
    });
    assert_eq!((met, ended), (1, ControlFlow::Break(())));
}

#[test]
fn an_only_source_may_get_another_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.iso"), "x").unwrap();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    std::fs::write(folder.path().join("d/a.iso"), "x").unwrap();
    for (path, name, there, what) in [
        ("a.iso", "b.iso", "b.iso", "file"),
        ("d", "e", "e/a.iso", "file"),
        ("a.iso", "b*.iso", "b*.iso", "invalidName"),
    ] {
        let named = Source { name: Some(name.into()), ..source(&folder.path().join(path)) };
        assert_eq!(met(&walk(vec![named])).get(there).map(String::as_str), Some(what), "{path} as {name}");
    }
}
