use super::*;

#[test]
fn a_writer_is_kept_out_and_one_that_was_there_before_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let writer = File::create(&path).unwrap();
    assert!(open_to_upload(&path).unwrap().is_written);
    drop(writer);
    let opened = open_to_upload(&path).unwrap();
    assert!(!opened.is_written);
    let refused = OpenOptions::new().write(true).open(&path).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(ERROR_SHARING_VIOLATION));
}

#[test]
fn a_file_that_somebody_holds_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    File::create(&from).unwrap();
    File::create(&to).unwrap();
    let scanner = OpenOptions::new().read(true).share_mode(FILE_SHARE_READ).open(&to).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sleep(PATIENCE / 5);
            drop(scanner);
        });
        super::super::rename(&from, &to).unwrap();
    });
    assert!(!from.exists());
}

#[test]
fn a_file_that_nobody_may_read_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    File::create(&path).unwrap();
    let alone = || OpenOptions::new().read(true).share_mode(0).open(&path).unwrap();
    let scanner = alone();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sleep(PATIENCE / 5);
            drop(scanner);
        });
        assert!(!open_to_upload(&path).unwrap().is_written);
    });
    let _holder = alone();
    let refused = open_to_upload(&path).err().and_then(|error| error.raw_os_error());
    assert_eq!(refused, Some(ERROR_SHARING_VIOLATION));
}

#[test]
fn a_lock_keeps_everybody_out_and_may_be_removed_while_it_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let open = |options: &mut OpenOptions| options.open(&path);
    let first = Lock::take(&path, open).unwrap();
    assert!(first.is_some() && Lock::is_held(open));
    assert!(Lock::take(&path, open).unwrap().is_none());
    drop(first);
    assert!(!Lock::is_held(open));
    let second = Lock::take(&path, open).unwrap();
    super::super::remove(&path).unwrap();
    drop(second);
    assert!(!path.exists());
}

#[test]
fn another_file_of_the_same_name_is_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("a"), folder.path().join("b"));
    let file = File::create(&path).unwrap();
    assert!(is_at(&file, &path).unwrap());
    fs::rename(&path, &other).unwrap();
    File::create(&path).unwrap();
    assert!(!is_at(&file, &path).unwrap() && is_at(&file, &other).unwrap());
}

#[test]
fn a_name_that_windows_would_change_leads_to_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "a.", "a ", "aux.txt"] {
        let path = entry_path(folder.path(), name.as_ref());
        fs::write(&path, name).unwrap();
    }
    for found in fs::read_dir(folder.path()).unwrap() {
        let name = found.unwrap().file_name();
        let read = fs::read(entry_path(folder.path(), &name)).unwrap();
        assert_eq!(read, name.as_encoded_bytes());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn only_such_names_make_another_path() {
    let of = |folder: &str, name: &str| entry_path(Path::new(folder), name.as_ref()).display().to_string();
    assert_eq!(of(r"C:\a", "b.txt"), r"C:\a\b.txt");
    assert_eq!(of(r"C:\a", "console.txt"), r"C:\a\console.txt");
    assert_eq!(of(r"C:\a", "Common.txt"), r"C:\a\Common.txt");
    assert_eq!(of(r"C:\a", "com10"), r"C:\a\com10");
    assert_eq!(of(r"C:/a", "b.txt"), r"C:/a\b.txt");
    assert_eq!(of(r"C:\", "b."), r"\\?\C:\b.");
    assert_eq!(of(r"C:/a", "b.."), r"\\?\C:\a\b..");
    assert_eq!(of(r"\\host\share\a", "b "), r"\\?\UNC\host\share\a\b ");
    assert_eq!(of(r"\\?\C:\a", "com1."), r"\\?\C:\a\com1.");
    assert_eq!(unnamed(Path::new(r"C:\")).unwrap(), Path::new(r"C:\"));
}
