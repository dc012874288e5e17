//! `tools/cargo.sh run -p cmdlet-table` brings every generated file up to date.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    let root = cmdlet_table::repository();
    let outputs = cmdlet_table::outputs(&root);
    for path in cmdlet_table::leftovers(&root, &outputs) {
        fs::remove_file(root.join(&path))?;
        println!("removed {path}");
    }
    for output in outputs {
        let path = root.join(&output.path);
        if fs::read_to_string(&path).is_ok_and(|old| old == output.text) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("every output lies in a folder"))?;
        fs::write(&path, output.text)?;
        println!("wrote {}", output.path);
    }
    Ok(())
}
