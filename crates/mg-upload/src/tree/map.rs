//! Other characters in the place of those that the destination refuses: by the caller's choice, never by itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{self, DriveKind, Spot};
use crate::error::Error;

/// What stands for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NameMap {
    /// A map by its name; there is "fullwidth".
    Known(Known),
    /// Single characters, and what stands in their place.
    Own(BTreeMap<char, String>),
}

/// A map that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// The wide form of each character, and the symbols of control characters and of spaces at the ends: as rclone has it,
    /// so that both can work on one folder.
    Fullwidth,
}

impl NameMap {
    /// Refuses a map that makes characters which are refused in their turn.
    pub fn check(&self) -> Result<(), Error> {
        let NameMap::Own(map) = self else { return Ok(()) };
        let anywhere = Spot { drive: DriveKind::Business, is_folder: false, at_root: false, before: 0 };
        for (from, to) in map {
            // In the middle of a name, where spaces and dots are no matter.
            if let Err(why) = names::check(&format!("x{to}x"), anywhere) {
                let from = from.escape_debug();
                return Err(Error::InvalidInput(format!("the name map has '{to}' for '{from}': {why}")));
            }
        }
        Ok(())
    }

    /// The name as it is sent.
    pub fn apply(&self, name: &str) -> String {
        match self {
            NameMap::Known(Known::Fullwidth) => fullwidth(name),
            NameMap::Own(map) => {
                let mut mapped = String::with_capacity(name.len());
                for letter in name.chars() {
                    match map.get(&letter) {
                        Some(other) => mapped.push_str(other),
                        None => mapped.push(letter),
                    }
                }
                mapped
            }
        }
    }
}

fn fullwidth(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().map(wide).collect();
    if letters.first() == Some(&'~') {
        letters[0] = '～';
    }
    if let Some(first @ ' ') = letters.first_mut() {
        *first = '␠';
    }
    match letters.last_mut() {
        Some(last @ ' ') => *last = '␠',
        Some(last @ '.') => *last = '．',
        _ => {}
    }
    letters.into_iter().collect()
}

fn wide(letter: char) -> char {
    match letter {
        '"' | '*' | ':' | '<' | '>' | '?' | '\\' | '|' | '/' => {
            // The wide forms stand in the order of ASCII.
            char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter)
        }
        '\0'..='\u{1f}' => char::from_u32(u32::from(letter) + 0x2400).unwrap_or(letter),
        '\u{7f}' => '␡',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::BadName;
    use super::*;

    const SPOT: Spot = Spot { drive: DriveKind::Business, is_folder: true, at_root: false, before: 0 };

    #[test]
    fn the_wide_forms_are_rclones() {
        for (name, mapped) in [
            ("a:b", "a：b"),
            ("\"*:<>?\\|", "＂＊：＜＞？＼｜"),
            (" a ", "␠a␠"),
            (" ", "␠"),
            ("a.", "a．"),
            ("a..", "a.．"),
            ("~x", "～x"),
            ("x~", "x~"),
            ("a\tb\u{7f}", "a␉b␡"),
            ("plain name.txt", "plain name.txt"),
            ("", ""),
        ] {
            assert_eq!(NameMap::Known(Known::Fullwidth).apply(name), mapped, "{name:?}");
        }
    }

    #[test]
    fn a_map_of_ones_own() {
        let map = |json: &str| serde_json::from_str::<NameMap>(json);
        let own = map(r#"{"*":"＊",":":"-"}"#).unwrap();
        own.check().unwrap();
        assert_eq!(own.apply("a:*b?"), "a-＊b?");
        assert!(map(r#"{"*":"?"}"#).unwrap().check().is_err());
        assert!(map(r#"{"*":"_vti_"}"#).unwrap().check().is_err());
        assert!(map(r#"{" ":""}"#).unwrap().check().is_ok());
        assert_eq!(map(r#""fullwidth""#).unwrap(), NameMap::Known(Known::Fullwidth));
        assert!(map(r#""wide""#).is_err() && map(r#"{"ab":"c"}"#).is_err());
    }

    proptest! {
        #[test]
        fn no_wide_name_is_refused_for_its_characters(name in "[ -~\u{0}-\u{1f}]{1,20}") {
            let bad = names::check(&NameMap::Known(Known::Fullwidth).apply(&name), SPOT);
            let is_taken = matches!(bad, Ok(()) | Err(BadName::Reserved));
            prop_assert!(is_taken);
        }
    }
}
