//! The list of exported cmdlets inside the module's manifest.

use std::path::Path;

use crate::Output;
use crate::table::Table;

const PATH: &str = "pwsh-module/MgUpload.psd1";
const BEGIN: &str = "        # cmdlets.json: begin\n";
const END: &str = "        # cmdlets.json: end\n";

/// The manifest as it stands, with the lines between the two markers written anew.
///
/// # Panics
/// When the manifest or its markers are missing.
pub(crate) fn write(root: &Path, table: &Table) -> Output {
    let old = std::fs::read_to_string(root.join(PATH)).unwrap_or_else(|error| panic!("{PATH}: {error}"));
    let (before, rest) = old.split_once(BEGIN).expect("the marker where the list begins");
    let (_, after) = rest.split_once(END).expect("the marker where the list ends");
    let names: Vec<String> =
        table.cmdlets.iter().map(|cmdlet| format!("        '{}'\n", cmdlet.name)).collect();
    Output { path: PATH.into(), text: format!("{before}{BEGIN}{}{END}{after}", names.concat()) }
}
