//! What each system says of a file beside its length and time.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// What a folder is known again by, whatever path leads to it.
#[cfg(unix)]
pub type Identity = (u64, u64);
/// What a folder is known again by, whatever path leads to it.
#[cfg(windows)]
pub type Identity = std::path::PathBuf;

/// A folder's identity.
#[cfg(unix)]
pub fn identity(_: &Path, metadata: &Metadata) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Ok((metadata.dev(), metadata.ino()))
}

/// A folder's identity.
#[cfg(windows)]
pub fn identity(path: &Path, _: &Metadata) -> io::Result<Identity> {
    std::fs::canonicalize(path)
}

/// Whether users do not see it by default.
#[cfg(unix)]
pub fn is_hidden(name: &str, _: &Metadata) -> bool {
    name.starts_with('.')
}

/// Whether users do not see it by default.
#[cfg(windows)]
pub fn is_hidden(_: &str, metadata: &Metadata) -> bool {
    const HIDDEN: u32 = 0x2;
    std::os::windows::fs::MetadataExt::file_attributes(metadata) & HIDDEN != 0
}

/// Whether reading a file would download it first. Asked without opening it, for that may download it too.
#[cfg(windows)]
pub fn is_elsewhere(metadata: &Metadata) -> bool {
    // FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, which alone OneDrive sets; RECALL_ON_OPEN; OFFLINE.
    const RECALLED: u32 = 0x0040_0000 | 0x0004_0000 | 0x1000;
    std::os::windows::fs::MetadataExt::file_attributes(metadata) & RECALLED != 0
}

/// Whether reading a file would download it first.
#[cfg(target_os = "macos")]
pub fn is_elsewhere(metadata: &Metadata) -> bool {
    const SF_DATALESS: u32 = 0x4000_0000;
    std::os::macos::fs::MetadataExt::st_flags(metadata) & SF_DATALESS != 0
}

/// Whether reading a file would download it first: Linux has no sign of it.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn is_elsewhere(_: &Metadata) -> bool {
    false
}
