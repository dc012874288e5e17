//! The list of exported cmdlets, and the version, inside the module's manifest.

use std::path::Path;

use crate::Output;
use crate::table::Table;

const PATH: &str = "pwsh-module/MgUpload.psd1";
const BEGIN: &str = "        # cmdlets.json: begin\n";
const END: &str = "        # cmdlets.json: end\n";

const VERSION: &str = "    ModuleVersion        = '";

/// The manifest as it stands, with the lines between the two markers and the version, which is that of the workspace's
/// Cargo.toml, written anew.
///
/// # Panics
/// When the manifest, its markers or its version are missing.
pub(crate) fn write(root: &Path, table: &Table) -> Output {
    let old = std::fs::read_to_string(root.join(PATH)).unwrap_or_else(|error| panic!("{PATH}: {error}"));
    let (before, rest) = old.split_once(BEGIN).expect("the marker where the list begins");
    let (_, after) = rest.split_once(END).expect("the marker where the list ends");
    let (head, version) = before.split_once(VERSION).expect("the line with the version");
    let (_, tail) = version.split_once('\'').expect("the end of the version");
    let before = format!("{head}{VERSION}{}'{tail}", env!("CARGO_PKG_VERSION"));
    let names: Vec<String> =
        table.cmdlets.iter().map(|cmdlet| format!("        '{}'\n", cmdlet.name)).collect();
    Output { path: PATH.into(), text: format!("{before}{BEGIN}{}{END}{after}", names.concat()) }
}
