//! The files that are uploaded.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Failure;

const MIB: u64 = 1 << 20;
/// What a folder holds of very many files.
const IN_A_FOLDER: usize = 100;

/// Files of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSet {
    pub count: usize,
    pub bytes: u64,
    /// Whether they are all hole.
    pub sparse: bool,
}

impl FileSet {
    pub const fn one(mebibytes: u64) -> FileSet {
        FileSet { count: 1, bytes: mebibytes * MIB, sparse: false }
    }

    /// The same, small enough for a quick look.
    pub fn quick(self) -> FileSet {
        if self.count > 1 {
            FileSet { count: self.count / 20, ..self }
        } else {
            FileSet { bytes: self.bytes / 16, ..self }
        }
    }

    fn kind(self) -> &'static str {
        if self.sparse { "hole" } else { "file" }
    }

    fn is_many(self) -> bool {
        self.count > 2000
    }

    pub fn lengths(self) -> Vec<u64> {
        vec![self.bytes; self.count]
    }
}

/// A folder of such files, which goes away with this.
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// In this folder, emptied: what a run that was broken off has left there may be gigabytes.
    pub fn new(folder: PathBuf) -> Result<Files, Failure> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Files { folder })
    }

    /// A folder for other things.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The folder that has these files and no others.
    pub fn folder_of(&self, set: FileSet) -> PathBuf {
        self.folder.join(format!("{}-{}-{}", set.count, set.kind(), set.bytes))
    }

    /// The files' paths; those that are there already are not made again. Very many are in folders.
    pub fn make(&self, set: FileSet) -> Result<Vec<PathBuf>, Failure> {
        let whole = self.folder_of(set);
        let folder = |index: usize| match set.is_many() {
            true => whole.join((index / IN_A_FOLDER).to_string()),
            false => whole.clone(),
        };
        let path = |index| folder(index).join(format!("{}{}-{index}.bin", set.kind(), set.bytes));
        let paths: Vec<PathBuf> = (0..set.count).map(path).collect();
        for index in (0..set.count).step_by(IN_A_FOLDER) {
            std::fs::create_dir_all(folder(index))?;
        }
        for path in paths.iter().filter(|path| !path.exists()) {
            make(path, set)?;
        }
        Ok(paths)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("bench: {} could not be removed: {error}", self.folder.display());
        }
    }
}

fn make(path: &Path, set: FileSet) -> Result<(), Failure> {
    let mut file = File::create(path)?;
    if set.sparse {
        file.set_len(set.bytes)?;
        return Ok(());
    }
    let block: Vec<u8> = (0..MIB.min(set.bytes)).map(|at| (at * at / 7) as u8).collect();
    let mut left = set.bytes;
    while left > 0 {
        let count = left.min(MIB);
        file.write_all(&block[..usize::try_from(count)?])?;
        left -= count;
    }
    // Else the disk would be busy with it while others are timed. Of very many, memory counts and no time.
    if !set.is_many() {
        file.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_length() {
        let folder = std::env::temp_dir().join(format!("mgupload-bench-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("left")).unwrap();
        let files = Files::new(folder.clone()).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        for set in [
            FileSet { count: 2, bytes: MIB + 1, sparse: false },
            FileSet { count: 1, bytes: 5, sparse: true },
            FileSet { count: 2001, bytes: 1, sparse: false },
        ] {
            let paths = files.make(set).unwrap();
            assert_eq!(paths.len(), set.count);
            assert!(paths.iter().all(|path| path.metadata().unwrap().len() == set.bytes));
            assert!(paths.iter().all(|path| path.starts_with(files.folder_of(set))));
        }
        drop(files);
        assert!(!folder.exists());
    }
}
