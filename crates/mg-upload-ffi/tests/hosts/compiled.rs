//! Programs in C over the header and the library that the tests were built with.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where cargo puts the library: beside this very program.
pub fn library() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let name = format!("{}mg_upload_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    program.with_file_name(name)
}

/// Compiles a source of this crate or of the examples; warnings are errors.
pub fn compile(source: &str) -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = crate_folder.join(source);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.file_stem().unwrap());
    let libraries = library().parent().unwrap().to_owned();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = Command::new(compiler)
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread", "-o"])
        .arg(&program)
        .arg(&source)
        .arg("-I")
        .arg(crate_folder.join("include"))
        .arg("-L")
        .arg(&libraries)
        // Goes before LD_LIBRARY_PATH, in which cargo has a folder with whatever library was built there last.
        .arg(format!("-Wl,--disable-new-dtags,-rpath,{}", libraries.display()))
        // A program that opens the library by itself names nothing of it, and is not linked to it.
        .args(["-Wl,--as-needed", "-lmg_upload_ffi", "-ldl"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}
