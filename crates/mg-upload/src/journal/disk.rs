//! The files of the state folder. It is trusted as far as it is the user's own: who could write there could have a
//! private file sent to a place of his choice, or have a file of the user's overwritten through a link.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::record::{self, Record};
use super::{VERSION, id_of};
use crate::address::check_url;

/// A create request has 4 MiB at most, and the rest of a record next to nothing.
const RECORD_LIMIT: u64 = 8 << 20;

/// Makes the folder where there is none, and sees to it that it is one that nobody else writes in.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    match check_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
            check_folder(folder)
        }
        checked => checked,
    }
}

/// Fails where anybody else could write in the folder, or has put it there.
pub(super) fn check_folder(folder: &Path) -> io::Result<()> {
    let link = fs::symlink_metadata(folder)?;
    if link.is_symlink() {
        check_owner(&link)?;
    }
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    check_owner(&metadata)
}

/// Opens a record or a lock that is there: a regular file of the user's own, and no link to one.
pub(super) fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    without_following(options);
    let file =
        options.open(path).map_err(|error| if is_link(&error) { other("it is a link") } else { error })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(other("it is no regular file"));
    }
    check_owner(&metadata)?;
    Ok(file)
}

/// Reads a file of the folder, if it is the user's own and of no more than a record's size.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let file = open_own(path, OpenOptions::new().read(true))?;
    let mut text = String::new();
    file.take(RECORD_LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > RECORD_LIMIT {
        return Err(other("it is too large for a record"));
    }
    Ok(text)
}

/// Reads a record; the error says what is wrong with it.
pub(super) fn read(path: &Path, id: &str) -> io::Result<Record> {
    let text = read_text(path)?;
    let damaged = |_| other("it is damaged");
    let record::VersionOnly { version } = serde_json::from_str(&text).map_err(damaged)?;
    if version != VERSION {
        return Err(other(&format!("it has version {version}, and this MgUpload reads version {VERSION}")));
    }
    let record: Record = serde_json::from_str(&text).map_err(damaged)?;
    if record.id != id || id_of(&record.upload_url) != id {
        return Err(other("its id is not that of its upload URL"));
    }
    check_url(&record.upload_url).map_err(|why| other(&format!("its upload URL is unusable: {why}")))?;
    Ok(record)
}

/// Replaces a record whole: a reader, and a crash, meets the old or the new one. Whoever calls holds its lock.
pub(super) fn replace(folder: &Path, file: &Path, record: &Record, durable: bool) -> io::Result<()> {
    let temporary = file.with_extension("new");
    let make = || private().create_new(true).write(true).open(&temporary);
    let mut new = match make() {
        // What a process has left that ended in the middle of this; or a link, which is removed and not followed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(&temporary)?;
            make()?
        }
        made => made?,
    };
    let mut write = || {
        new.write_all(&serde_json::to_vec(record)?)?;
        if durable { new.sync_all() } else { Ok(()) }
    };
    if let Err(error) = write().and_then(|()| fs::rename(&temporary, file)) {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    if durable && cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Removes a file that may be gone already.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Options that make files for the user alone.
pub(super) fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether an open file is the one that this path names.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(own), Ok(named)) => (own.dev(), own.ino()) == (named.dev(), named.ino()),
        (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
        (Err(_), Ok(_)) => true,
    }
}

/// Windows lets no name be taken by a new file while the removed one is open.
#[cfg(windows)]
pub(super) fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Fails for what belongs to another user, or can be written by one.
#[cfg(unix)]
fn check_owner(metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    // A link's own mode means nothing.
    let mode = if metadata.is_symlink() { 0 } else { metadata.mode() };
    let distrust = distrust(rustix::process::geteuid().as_raw(), metadata.uid(), mode);
    distrust.map_or(Ok(()), |why| Err(other(&why)))
}

/// Why `user` should not trust what has this owner and this mode.
#[cfg(unix)]
fn distrust(user: u32, owner: u32, mode: u32) -> Option<String> {
    if owner != user && owner != 0 {
        return Some(format!("it belongs to another user ({owner})"));
    }
    (mode & 0o022 != 0).then(|| format!("others can write to it (its mode is {:04o})", mode & 0o7777))
}

/// On Windows the access rules of the user's profile hold.
#[cfg(windows)]
fn check_owner(_: &Metadata) -> io::Result<()> {
    Ok(())
}

/// No link is followed, and no pipe waited for.
#[cfg(unix)]
fn without_following(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(windows)]
fn without_following(_: &mut OpenOptions) {}

#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(windows)]
fn is_link(_: &io::Error) -> bool {
    false
}

fn other(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::distrust;

    #[test]
    fn what_another_user_owns_or_can_write_to_is_not_trusted() {
        for (user, owner, mode, trusted) in [
            (1000, 1000, 0o40700, true),
            (1000, 1000, 0o40755, true),
            (1000, 0, 0o40755, true),
            (0, 0, 0o100600, true),
            (1000, 1001, 0o40700, false),
            (0, 1000, 0o40700, false),
            (1000, 1000, 0o40770, false),
            (1000, 1000, 0o41777, false),
            (1000, 0, 0o100602, false),
        ] {
            assert_eq!(distrust(user, owner, mode).is_none(), trusted, "{user} {owner} {mode:o}");
        }
    }
}
