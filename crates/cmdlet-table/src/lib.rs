//! Everything that is written from `pwsh-module/cmdlets.json`: one entry there is one cmdlet everywhere.

mod about;
mod csharp;
mod help;
mod maml;
mod manifest;
mod routes;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use about::compile as compile_topics;
pub use maml::compile as compile_help;
pub use table::Table;

/// A file as it should be.
#[derive(Debug)]
pub struct Output {
    /// Below the root of the repository.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file that follows from the table.
pub fn outputs(root: &Path) -> Vec<Output> {
    let table = Table::read(root);
    let mut files = csharp::write(&table);
    files.extend(help::write(&table));
    files.push(manifest::write(root, &table));
    files
        .push(Output { path: "crates/mg-upload/src/protocol/routes.rs".into(), text: routes::write(&table) });
    files
}

/// Generated files that lie there and no longer follow from the table.
pub fn leftovers(root: &Path, outputs: &[Output]) -> Vec<String> {
    let wanted: BTreeSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    let mut found = Vec::new();
    if let Ok(entries) = std::fs::read_dir(root.join(csharp::FOLDER)) {
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        found.extend(names.map(|name| format!("{}/{name}", csharp::FOLDER)));
    }
    // A page of the family that no entry stands behind.
    if let Ok(entries) = std::fs::read_dir(root.join("pwsh-module/docs/en-US")) {
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        found.extend(
            names
                .filter(|name| name.starts_with("New-"))
                .map(|name| format!("pwsh-module/docs/en-US/{name}")),
        );
    }
    found.retain(|path| !wanted.contains(path.as_str()));
    found
}
