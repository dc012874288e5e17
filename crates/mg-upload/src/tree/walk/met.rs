//! What a walk meets.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::tree::names::BadName;
use crate::tree::plan::Local;

/// Names of a path below the destination, as they are there.
pub type Names = Arc<[String]>;

/// Why something is left out, or cannot be sent.
#[derive(Debug)]
pub enum Odd {
    /// Its name, or that of a folder above it.
    Name(BadName),
    /// A link, and links are left out.
    Link,
    /// A link to a folder above it.
    Loop,
    /// A link to nothing.
    Dangling,
    /// Neither a file nor a folder.
    Special,
    /// A file that is in a cloud and not here.
    CloudOnly,
    /// A folder, and folders are not asked for.
    NoRecurse,
    /// The system's reason.
    Unreadable(io::Error),
}

/// What the walk meets.
#[derive(Debug)]
pub enum Met {
    /// A folder begins: its files come next, then the folders in it.
    Folder {
        /// Where it is; nowhere, of the destination itself.
        path: PathBuf,
        /// Its path below the destination.
        names: Names,
    },
    /// A file of the folder that has begun last.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its name at the destination.
        name: String,
        /// What it is.
        local: Local,
    },
    /// Something else of that folder, or of a folder that cannot be made.
    Odd {
        /// Where it is.
        path: PathBuf,
        /// Its folder's path below the destination.
        names: Names,
        /// Its name, as far as it can be written.
        name: String,
        /// Bytes, of a file.
        length: u64,
        /// What is odd.
        odd: Odd,
    },
    /// Something was left out without a word: a pattern, or a hidden name.
    Filtered,
}
