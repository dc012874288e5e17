//! ARCHITECTURE.md says which room may use which. This reads the sources and fails on every arrow that the table there
//! does not allow, and on every file that stands in no room.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Libraries and parts of the system that a room has to be allowed to use, by what names them in the sources.
const WATCHED: [(&str, &str); 11] = [
    ("hash", "quick_xor_hash"),
    ("hyper", "hyper_"),
    ("url", "url::"),
    ("rustls", "rustls"),
    ("tokio", "tokio::"),
    ("files", "std::fs"),
    ("clock", "SystemTime::now"),
    ("libc", "libc::"),
    ("unsafe", "unsafe {"),
    ("PowerShell", "System.Management.Automation"),
    ("Azure", "using Azure."),
];

/// A row of the table: a name, the folders and files that it stands for, and what these may use.
#[derive(Debug)]
struct Room {
    name: String,
    places: Vec<String>,
    may_use: BTreeSet<String>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The words in backticks of a cell.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(|word| word.trim_end_matches('/').to_owned())
}

/// The rows below the heading "Rooms", whose tables stand below the folder that holds their places. First cell: the room's name, and its
/// places where they are not called so; third: what it may use.
fn rooms(architecture: &str) -> Vec<Room> {
    let section = architecture.split("\n## Rooms").nth(1).expect("a section about rooms");
    let (mut folder, mut rooms) = (None, Vec::new());
    for line in section.lines() {
        let Some(row) = line.strip_prefix("| `") else {
            folder = line.strip_suffix('`').and_then(|line| line.rsplit('`').next()).or(folder);
            continue;
        };
        let cells: Vec<&str> = line.split('|').collect();
        let name = row.split('`').next().unwrap_or_default().to_owned();
        let mut places: Vec<String> = quoted(cells[1]).skip(1).collect();
        if places.is_empty() {
            places.push(name.clone());
        }
        for place in &mut places {
            *place = format!("{}/{place}", folder.expect("a folder above its table"));
        }
        rooms.push(Room { name, places, may_use: quoted(cells[3]).collect() });
    }
    rooms
}

/// The room of a file: the one with the most precise place that holds it. `*.rs` are the folder's own files.
fn room_of<'a>(rooms: &'a [Room], file: &str) -> Option<&'a Room> {
    let own = file.rsplit_once('/').map(|(folder, _)| format!("{folder}/*.rs"));
    let fit = |place: &&String| {
        file == **place
            || Some(*place) == own.as_ref()
            || file.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    let best = |room: &&Room| room.places.iter().filter(fit).map(String::len).max();
    rooms.iter().filter(|room| best(room).is_some()).max_by_key(best)
}

fn files(root: &Path, folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).expect(folder).flatten() {
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if !["bin", "obj", "target"].iter().any(|built| name.ends_with(built)) {
                found.extend(files(root, &name, ending));
            }
        } else if name.ends_with(ending) {
            found.push(name);
        }
    }
    found
}

/// What a Rust source uses besides its own tests: the code without comments.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The file or folder of a crate that `crate::name` means.
fn module(crate_folder: &str, name: &str, all: &BTreeSet<String>) -> Option<String> {
    let (file, folder) = (format!("{crate_folder}/{name}.rs"), format!("{crate_folder}/{name}/mod.rs"));
    [file, folder].into_iter().find(|candidate| all.contains(candidate))
}

/// The places that a Rust file of `crate_folder` names by `crate::…`.
fn rust_arrows(crate_folder: &str, code: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            found.extend(module(crate_folder, name, all));
        }
    }
    found
}

/// The folders that a C# file names by `using MgUpload.…`.
fn csharp_arrows(text: &str) -> BTreeSet<String> {
    let folder = |namespace: &str| match namespace.split('.').next() {
        Some("Native") => "pwsh-module/src/MgUpload.Native".to_owned(),
        _ => format!("pwsh-module/src/MgUpload/{}", namespace.replace('.', "/")),
    };
    text.lines()
        .filter_map(|line| line.strip_prefix("using MgUpload.")?.strip_suffix(';'))
        .map(folder)
        .collect()
}

#[test]
fn every_arrow_is_one_that_the_table_allows() {
    let root = repository();
    let rooms = rooms(&fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md"));
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for folder in ["crates/mg-upload/src", "crates/mg-upload-ffi/src", "crates/quick-xor-hash/src"] {
        for file in files(&root, folder, ".rs") {
            if !file.ends_with("tests.rs") {
                let text = code(&fs::read_to_string(root.join(&file)).expect("a source"));
                sources.insert(file, text);
            }
        }
    }
    for file in files(&root, "pwsh-module/src", ".cs") {
        let text = fs::read_to_string(root.join(&file)).expect("a source");
        sources.insert(file, text);
    }
    let all: BTreeSet<String> = sources.keys().cloned().collect();
    let mut wrong = Vec::new();
    for (file, text) in &sources {
        let Some(room) = room_of(&rooms, file) else {
            wrong.push(format!("{file} stands in no room"));
            continue;
        };
        let arrows = match file.split_once("/src/") {
            Some((folder, _)) if file.ends_with(".rs") => rust_arrows(&format!("{folder}/src"), text, &all),
            _ => csharp_arrows(text),
        };
        for target in arrows {
            let Some(to) = room_of(&rooms, &target) else {
                wrong.push(format!("{file} uses {target}, which stands in no room"));
                continue;
            };
            if to.name != room.name && !room.may_use.contains(&to.name) {
                wrong.push(format!("{file} uses {target}: `{}` may not use `{}`", room.name, to.name));
            }
        }
        for (name, mark) in WATCHED {
            if text.contains(mark) && !room.may_use.contains(name) {
                wrong.push(format!("{file} says {mark}: `{}` may not use `{name}`", room.name));
            }
        }
    }
    assert!(wrong.is_empty(), "not as ARCHITECTURE.md has it:\n{}", wrong.join("\n"));
}
