//! `tools/cargo.sh run -p cmdlet-table` brings every generated file up to date;
//! `tools/cargo.sh run -p cmdlet-table -- help FOLDER` compiles the help pages into FOLDER.

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let root = cmdlet_table::repository();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder] = arguments.as_slice()
        && word == "help"
    {
        let pages = root.join("pwsh-module/docs/en-US");
        fs::create_dir_all(folder)?;
        fs::write(Path::new(folder).join("MgUpload.dll-Help.xml"), cmdlet_table::compile_help(&pages))?;
        for (name, text) in cmdlet_table::compile_topics(&pages) {
            fs::write(Path::new(folder).join(name), text)?;
        }
        return Ok(());
    }
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
