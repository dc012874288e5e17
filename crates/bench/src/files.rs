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

    /// The files' paths in the folder that has them; very many are in folders below it. They are made up each time: what this
    /// program holds, a child begins with.
    pub fn paths(self, whole: &Path) -> impl Iterator<Item = PathBuf> {
        (0..self.count).map(move |index| {
            let folder = self.is_many().then(|| (index / IN_A_FOLDER).to_string());
            whole.join(folder.unwrap_or_default()).join(format!("{}{}-{index}.bin", self.kind(), self.bytes))
        })
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

    fn folder_of(&self, set: FileSet) -> PathBuf {
        self.folder.join(format!("{}-{}-{}", set.count, set.kind(), set.bytes))
    }

    /// Makes the files, and gives the folder that has them. Those that are there already are not made again.
    pub fn make(&self, set: FileSet) -> Result<PathBuf, Failure> {
        let whole = self.folder_of(set);
        for path in set.paths(&whole).filter(|path| !path.exists()) {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            make(&path, set)?;
        }
        Ok(whole)
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
            let whole = files.make(set).unwrap();
            assert_eq!(set.paths(&whole).count(), set.count);
            assert!(set.paths(&whole).all(|path| path.metadata().unwrap().len() == set.bytes));
            assert!(whole.starts_with(&folder));
        }
        drop(files);
        assert!(!folder.exists());
    }
}
