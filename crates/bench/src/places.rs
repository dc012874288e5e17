//! Where things lie.

use std::path::{Path, PathBuf};

use crate::Failure;

/// The work tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// Something that the task Build leaves behind.
pub fn built(path: &str) -> Result<PathBuf, Failure> {
    let path = root().join("out").join(path);
    if path.exists() { Ok(path) } else { Err(format!("there is no {}: build first", path.display()).into()) }
}

/// A script of this crate.
pub fn script(name: &str) -> PathBuf {
    root().join("crates/bench/scripts").join(name)
}

/// A program that cargo has put beside this one: compiled as this one is.
pub fn beside(name: &str) -> Result<PathBuf, Failure> {
    let path = std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("there is no {}: build it first", path.display()).into())
    }
}

/// Where results go; made when it is not there.
pub fn results() -> Result<PathBuf, Failure> {
    let folder = root().join("out/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
