//! What OneDrive and SharePoint take for a name, by what Microsoft publishes and users have met.

use std::fmt;

use serde::{Deserialize, Serialize};

/// UTF-16 units of a path, from after the host on: site, library, folders and name.
const PATH_LIMIT: usize = 400;
/// UTF-16 units of a name.
const NAME_LIMIT: usize = 255;

const RESERVED: [&str; 26] = [
    ".lock",
    "con",
    "prn",
    "aux",
    "nul",
    "com0",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "lpt0",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
    "desktop.ini",
];

/// The two kinds of drive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriveKind {
    /// A Microsoft account's OneDrive.
    Personal,
    /// OneDrive for work or school, and SharePoint's libraries.
    #[default]
    Business,
}

/// Why a name cannot be had at the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BadName {
    /// No text: bytes or units that are no Unicode.
    NotUnicode,
    /// One of `" * : < > ? / \ |`, or a control character.
    InvalidCharacter(char),
    /// A space at either end.
    OuterSpace,
    /// A dot at the end.
    TrailingDot,
    /// A name with a meaning of its own.
    Reserved,
    /// More than 255 characters.
    NameTooLong,
    /// A path of more than 400 characters.
    PathTooLong,
    /// Another name here differs by case alone.
    CaseCollision,
    /// Another name here differs only by how its letters are put together, or is the same after mapping.
    NormalizationCollision,
}

impl BadName {
    /// Its name in results.
    pub fn reason(self) -> &'static str {
        match self {
            BadName::NotUnicode
            | BadName::InvalidCharacter(_)
            | BadName::OuterSpace
            | BadName::TrailingDot => "invalidName",
            BadName::Reserved => "reservedName",
            BadName::NameTooLong => "nameTooLong",
            BadName::PathTooLong => "pathTooLong",
            BadName::CaseCollision => "caseCollision",
            BadName::NormalizationCollision => "normalizationCollision",
        }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadName::NotUnicode => f.write_str("its name is not Unicode"),
            BadName::InvalidCharacter(c) if c.is_control() => {
                write!(f, "its name has the control character U+{:04X}", u32::from(*c))
            }
            BadName::InvalidCharacter(c) => write!(f, "its name has the character {c}"),
            BadName::OuterSpace => f.write_str("its name begins or ends with a space"),
            BadName::TrailingDot => f.write_str("its name ends with a dot"),
            BadName::Reserved => f.write_str("its name is reserved there"),
            BadName::NameTooLong => write!(f, "its name has more than {NAME_LIMIT} characters"),
            BadName::PathTooLong => {
                write!(f, "its path there, with site and library, has more than {PATH_LIMIT} characters")
            }
            BadName::CaseCollision => f.write_str("another name in its folder differs by case alone"),
            BadName::NormalizationCollision => f.write_str("another in its folder has the same name there"),
        }
    }
}

/// Where a name is to stand.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// Which rules hold.
    pub drive: DriveKind,
    /// Whether it is a folder's.
    pub is_folder: bool,
    /// Whether it stands right in the drive's root.
    pub at_root: bool,
    /// UTF-16 units of the path before it, its slash included.
    pub before: usize,
}

/// Refuses a name that cannot be had there.
pub fn check(name: &str, spot: Spot) -> Result<(), BadName> {
    let lower = name.to_lowercase();
    if let Some(bad) = name.chars().find(|c| "\"*:<>?/\\|".contains(*c) || c.is_control()) {
        return Err(BadName::InvalidCharacter(bad));
    }
    if name.starts_with(' ') || name.ends_with(' ') {
        return Err(BadName::OuterSpace);
    }
    if name.ends_with('.') {
        return Err(BadName::TrailingDot);
    }
    let tilde = name.starts_with("~$") || spot.is_folder && name.starts_with('~');
    let forms = spot.at_root && spot.drive == DriveKind::Business && lower == "forms";
    if name.is_empty() || tilde || forms || lower.contains("_vti_") || RESERVED.contains(&lower.as_str()) {
        return Err(BadName::Reserved);
    }
    let length = units(name);
    if length > NAME_LIMIT {
        return Err(BadName::NameTooLong);
    }
    if spot.before + length > PATH_LIMIT {
        return Err(BadName::PathTooLong);
    }
    Ok(())
}

/// How the limits count a text.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: Spot = Spot { drive: DriveKind::Business, is_folder: false, at_root: false, before: 0 };
    const FOLDER: Spot = Spot { is_folder: true, ..FILE };

    #[test]
    fn each_rule() {
        let long = "x".repeat(256);
        for (name, spot, bad) in [
            ("a.txt", FILE, None),
            ("100% #1 & more.txt", FILE, None),
            (".hidden", FILE, None),
            ("~x", FILE, None),
            ("forms", FILE, None),
            ("forms", Spot { at_root: true, ..FOLDER }, Some(BadName::Reserved)),
            ("Forms", Spot { at_root: true, drive: DriveKind::Personal, ..FOLDER }, None),
            ("a:b", FILE, Some(BadName::InvalidCharacter(':'))),
            ("a\\b", FILE, Some(BadName::InvalidCharacter('\\'))),
            ("a\nb", FILE, Some(BadName::InvalidCharacter('\n'))),
            ("a\u{85}b", FILE, Some(BadName::InvalidCharacter('\u{85}'))),
            (" a", FILE, Some(BadName::OuterSpace)),
            ("a ", FOLDER, Some(BadName::OuterSpace)),
            ("a.", FILE, Some(BadName::TrailingDot)),
            ("a..", FOLDER, Some(BadName::TrailingDot)),
            ("CON", FILE, Some(BadName::Reserved)),
            ("Lpt9", FOLDER, Some(BadName::Reserved)),
            ("con.txt", FILE, None),
            ("com10", FILE, None),
            ("Desktop.INI", FILE, Some(BadName::Reserved)),
            (".lock", FILE, Some(BadName::Reserved)),
            ("x_vti_y", FILE, Some(BadName::Reserved)),
            ("~$report.docx", FILE, Some(BadName::Reserved)),
            ("~x", FOLDER, Some(BadName::Reserved)),
            (&long[..255], FILE, None),
            (&long, FILE, Some(BadName::NameTooLong)),
            (&long[..200], Spot { before: 200, ..FILE }, None),
            (&long[..201], Spot { before: 200, ..FILE }, Some(BadName::PathTooLong)),
            ("", FILE, Some(BadName::Reserved)),
        ] {
            assert_eq!(check(name, spot).err(), bad, "{name:?}");
        }
        assert_eq!(units("a😀"), 3);
    }

    proptest! {
        #[test]
        fn what_has_a_forbidden_character_is_refused(before in "[a-z]{0,5}", bad in "[\"*:<>?/\\\\|\u{0}-\u{1f}\u{7f}-\u{9f}]", after in "[a-z]{0,5}") {
            let refused = check(&format!("{before}{bad}{after}"), FILE);
            let is_for_it = matches!(refused, Err(BadName::InvalidCharacter(_)));
            prop_assert!(is_for_it);
        }
    }
}
