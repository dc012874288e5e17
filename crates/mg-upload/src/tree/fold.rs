//! When two names are the same to OneDrive and SharePoint: they keep the case of a name and do not look at it, and two
//! spellings of one letter (`é` as one character or as two) are one name.

use unicode_normalization::UnicodeNormalization as _;

/// A name as it is sent: in NFC, the form that everybody but macOS writes.
pub fn composed(name: &str) -> String {
    // Most names are: ASCII has one form.
    if name.is_ascii() { name.to_owned() } else { name.nfc().collect() }
}

/// What two names have in common exactly when they are one name at the destination. It is part of what [`super::shard`]
/// promises, and never changes.
pub fn key(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { name.nfc().map(folded).nfc().collect() }
}

/// A path's key: its names' keys, joined by slashes.
pub fn path_key<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(key).collect::<Vec<_>>().join("/")
}

/// Simple case folding: through the capital letter to the small one, where each is a single character.
fn folded(letter: char) -> char {
    let capital = alone(letter.to_uppercase()).unwrap_or(letter);
    alone(capital.to_lowercase()).unwrap_or(capital)
}

fn alone(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_in_several_spellings() {
        for (one, other, same) in [
            ("Bericht.TXT", "bericht.txt", true),
            ("caf\u{e9}", "cafe\u{301}", true),
            ("CAFE\u{301}", "caf\u{e9}", true),
            ("ΟΔΟΣ", "οδος", true),
            ("οδοσ", "οδος", true),
            ("Å", "\u{212b}", true),
            ("straße", "STRASSE", false),
            ("a", "b", false),
            ("a", "á", false),
            ("a ", "a", false),
            ("ｆ", "f", false),
        ] {
            assert_eq!(key(one) == key(other), same, "{one} {other}");
        }
        assert_eq!(path_key(["A", "É"]), "a/é");
        assert_eq!(path_key([]), "");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key_and_no_form_changes_it(name in "\\PC{0,24}") {
            let own = key(&name);
            prop_assert_eq!(&key(&own), &own);
            prop_assert_eq!(&key(&name.nfd().collect::<String>()), &own);
            prop_assert_eq!(&key(&composed(&name)), &own);
        }

        #[test]
        fn ascii_is_folded_as_all_else(name in "[\\x00-\\x7f]{0,24}") {
            prop_assert_eq!(key(&name), name.nfc().map(folded).nfc().collect::<String>());
            prop_assert_eq!(composed(&name), name.nfc().collect::<String>());
        }

        #[test]
        fn case_makes_no_difference(name in "[a-zA-Z0-9äöüÄÖÜéÉа-яА-Я ._-]{0,24}") {
            prop_assert_eq!(key(&name.to_uppercase()), key(&name.to_lowercase()));
        }
    }
}
