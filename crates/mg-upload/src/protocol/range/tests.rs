use super::*;
use proptest::prelude::*;

#[test]
fn all_forms_are_read() {
    for (text, first, last) in [
        ("0-", 0, None),
        ("26-", 26, None),
        ("26-127", 26, Some(127)),
        ("26-26", 26, Some(26)),
        ("2097152", 2_097_152, None),
        (" 5 ", 5, None),
        ("18446744073709551615-", u64::MAX, None),
    ] {
        assert_eq!(parse(text), Ok(Missing { first, last }), "{text}");
    }
}

#[test]
fn everything_else_is_refused() {
    for text in ["", "-", "-5", "a-", "5-a", "5-4", "+5-", "5--", "1-2-3", "18446744073709551616-", "0x1-"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_position_is_the_smallest_gap() {
    let list = parse_list(["77829-99375", "12345-55232"]).unwrap();
    assert_eq!(position(&list, 100_000), 12_345);
    assert_eq!(position(&[], 100), 100);
}

#[test]
fn gaps_are_closed_sorted_and_clamped() {
    let list = parse_list(["50-", "10-20", "100-"]).unwrap();
    assert_eq!(gaps(&list, 100), [ByteRange { first: 10, last: 20 }, ByteRange { first: 50, last: 99 }]);
    assert_eq!(gaps(&parse_list(["0-", "0-", "50-60"]).unwrap(), 100), [ByteRange { first: 0, last: 99 }]);
    assert_eq!(gaps(&parse_list(["72797-4533322"]).unwrap(), 4_533_322)[0].last, 4_533_321);
}

#[test]
fn gaps_that_overlap_or_touch_are_one() {
    for (list, total, merged) in [
        (&["0-4", "5-9"][..], 100, &["0-9"][..]),
        (&["5-9", "0-5"], 100, &["0-9"]),
        (&["0-9", "2-3"], 100, &["0-9"]),
        (&["0-4", "6-9"], 100, &["0-4", "6-9"]),
        (&["0-4", "5-9", "11-12", "12-12"], 100, &["0-9", "11-12"]),
        (&["9-", "10-"], 10, &["9-9"]),
        (&["10-"], 10, &[]),
        (&[], 10, &[]),
    ] {
        let found = gaps(&parse_list(list.iter().copied()).unwrap(), total);
        let found: Vec<String> = found.iter().map(ByteRange::to_string).collect();
        assert_eq!(found, merged, "{list:?}");
    }
}

#[test]
fn what_has_arrived_leaves_the_rest_of_each_gap() {
    let of = |pairs: &[(u64, u64)]| -> Vec<ByteRange> {
        pairs.iter().map(|&(first, last)| ByteRange { first, last }).collect()
    };
    let two = [(10, 19), (30, 39)];
    for (stored, left) in [
        ((0, 9), &two[..]),
        ((20, 29), &two),
        ((40, 49), &two),
        ((10, 10), &[(11, 19), (30, 39)]),
        ((19, 19), &[(10, 18), (30, 39)]),
        ((10, 19), &[(30, 39)]),
        ((14, 15), &[(10, 13), (16, 19), (30, 39)]),
        ((15, 35), &[(10, 14), (36, 39)]),
        ((0, 99), &[]),
    ] {
        let stored = ByteRange { first: stored.0, last: stored.1 };
        assert_eq!(without(&of(&two), stored), of(left), "{stored}");
    }
    assert_eq!(bytes(&of(&two)), 20);
    assert_eq!(bytes(&[]), 0);
}

#[test]
fn the_rest_begins_at_the_position() {
    for (position, total, rest) in [
        (0, 1, Some((0, 0))),
        (4, 10, Some((4, 9))),
        (9, 10, Some((9, 9))),
        (10, 10, None),
        (0, 0, None),
        (11, 10, None),
    ] {
        let rest: Vec<ByteRange> = rest.into_iter().map(|(first, last)| ByteRange { first, last }).collect();
        assert_eq!(to_the_end(position, total), rest, "{position} of {total}");
    }
}

#[test]
fn a_range_is_written_as_the_header_wants_it() {
    let range = ByteRange::at(26, 102);
    assert_eq!((range.len(), range.end()), (102, 128));
    assert_eq!(range.content_range(500), "bytes 26-127/500");
    let long = parse(&"x".repeat(100)).unwrap_err().to_string();
    assert_eq!(long, format!("'{}' is no range of nextExpectedRanges", "x".repeat(40)));
}

proptest! {
    #[test]
    fn what_is_written_is_read(first in 0u64..1 << 50, len in 1u64..1 << 40) {
        let range = ByteRange::at(first, len);
        prop_assert_eq!(range.len(), len);
        prop_assert_eq!(parse(&range.to_string()), Ok(Missing { first, last: Some(range.last) }));
    }

    #[test]
    fn what_has_arrived_is_no_gap_any_more(gaps in proptest::collection::vec((0u64..500, 1u64..50), 0..4),
                                           first in 0u64..600, len in 1u64..200) {
        let gaps: Vec<_> = gaps.into_iter().map(|(first, len)| Missing { first, last: Some(first + len - 1) }).collect();
        let gaps = super::gaps(&gaps, 600);
        let stored = ByteRange::at(first, len);
        let inside = |list: &[ByteRange], byte: u64| list.iter().any(|gap| (gap.first..=gap.last).contains(&byte));
        let left = without(&gaps, stored);
        for byte in 0..1000 {
            prop_assert_eq!(inside(&left, byte), inside(&gaps, byte) && !inside(&[stored], byte));
        }
    }

    #[test]
    fn no_text_panics(text in ".*") { let _ = parse(&text); }
}
