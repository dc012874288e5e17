//! What macOS has in another place than other Unix systems.

use std::path::PathBuf;

/// The user's folder for state, by the environment's variables.
pub(crate) fn state_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("HOME").map(|home| home.join("Library/Application Support/MgUpload/sessions"))
}
