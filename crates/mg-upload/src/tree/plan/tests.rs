use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(1_700_000_000 + second).unwrap())
}

fn local(length: u64) -> Local {
    Local { length, modified: at(0) }
}

fn there(size: u64, second: i64) -> There {
    There { size: Some(size), modified: at(second), hash: Some("h".into()), ..There::default() }
}

fn wish(if_exists: IfExists) -> Wish {
    Wish { if_exists, force: false }
}

#[test]
fn what_is_the_same_is_not_sent() {
    let no_hash = There { hash: None, ..there(5, 9) };
    let office = There { may_be_rewritten: true, ..there(7, 2) };
    let tagged = There { c_tag: Some("c".into()), ..there(7, 99) };
    let sent = Before { local: local(5), c_tag: "c".into() };
    let other = Before { local: local(5), c_tag: "d".into() };
    let changed = Before { local: local(6), c_tag: "c".into() };
    let written_to = Before { local: Local { modified: at(-60), ..local(5) }, c_tag: "c".into() };
    use Decision::*;
    for (there, before, hash, decision) in [
        (there(5, 0), None, None, Unchanged(Same::SizeAndTime)),
        (there(5, 2), None, None, Unchanged(Same::SizeAndTime)),
        (there(5, -2), None, None, Unchanged(Same::SizeAndTime)),
        (there(5, 3), None, None, Hash),
        (there(5, 3), None, Some(true), Unchanged(Same::Hash)),
        (there(5, 3), None, Some(false), Exists),
        (no_hash, None, None, Exists),
        (there(7, 0), None, None, Exists),
        (office.clone(), None, None, Unchanged(Same::Time)),
        (There { modified: at(60), ..office }, None, None, Exists),
        (tagged.clone(), Some(&sent), None, Unchanged(Same::SentBefore)),
        (tagged.clone(), Some(&other), None, Exists),
        (tagged.clone(), Some(&changed), None, Exists),
        (tagged, Some(&written_to), None, Exists),
        (There { modified: None, ..there(5, 0) }, None, None, Hash),
        (There { is_other: true, ..there(5, 0) }, None, None, Folder),
    ] {
        let got = decide(local(5), Some(&there), before, hash, Wish::default());
        assert_eq!(got, decision, "{there:?} {before:?} {hash:?}");
    }
    let empty = There { hash: None, modified: at(99), ..there(0, 0) };
    assert_eq!(decide(local(0), Some(&empty), None, None, Wish::default()), Unchanged(Same::Hash));
}

#[test]
fn what_differs_is_as_the_caller_wishes_and_a_newer_one_stays() {
    use Decision::*;
    use IfExists as If;
    for (if_exists, second, decision) in [
        (If::Fail, -9, Exists),
        (If::Skip, -9, Skip),
        (If::Rename, 9, Rename),
        (If::Replace, -9, Replace),
        (If::Replace, 2, Replace),
        (If::Replace, 3, Newer),
    ] {
        assert_eq!(decide(local(5), Some(&there(6, second)), None, None, wish(if_exists)), decision);
    }
    let force = Wish { force: true, ..Wish::default() };
    assert_eq!(decide(local(5), Some(&there(5, 0)), None, None, force), Replace);
    assert_eq!(decide(local(5), None, None, None, force), Send);
    let folder = There { is_other: true, ..there(5, 0) };
    assert_eq!(decide(local(5), Some(&folder), None, None, force), Folder, "no folder is replaced");
}

proptest! {
    /// Whatever is there, only two words of the caller put anything in its place, and `Replace` never a newer one.
    #[test]
    fn nothing_is_replaced_unasked(size in prop::option::of(0u64..4), second in prop::option::of(-9i64..9), hash: bool,
        same: Option<bool>, length in 0u64..4, choice in 0usize..4, rewritten: bool) {
        let there = There { is_other: false, size, modified: second.and_then(at), hash: hash.then(String::new), c_tag: None, may_be_rewritten: rewritten };
        let if_exists = [IfExists::Fail, IfExists::Replace, IfExists::Rename, IfExists::Skip][choice];
        let decision = decide(local(length), Some(&there), None, same, wish(if_exists));
        prop_assert!(decision != Decision::Send);
        if decision == Decision::Replace {
            prop_assert!(if_exists == IfExists::Replace && second.is_none_or(|second| second <= 2));
        }
    }
}
