//! What macOS has in another place than other Unix systems.

use std::fs::Metadata;
use std::os::macos::fs::MetadataExt as _;
use std::path::PathBuf;

const SF_DATALESS: u32 = 0x4000_0000;

/// Whether reading a file would download it first.
pub(crate) fn is_elsewhere(metadata: &Metadata) -> bool {
    metadata.st_flags() & SF_DATALESS != 0
}

/// The user's folder for state, by the environment's variables.
pub(crate) fn state_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("HOME").map(|home| home.join("Library/Application Support/MgUpload/sessions"))
}
