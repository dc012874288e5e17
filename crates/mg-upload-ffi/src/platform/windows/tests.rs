use std::fs::OpenOptions;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use mg_upload::journal::Journal;

use super::*;

#[link(name = "advapi32")]
unsafe extern "system" {
    fn ConvertSecurityDescriptorToStringSecurityDescriptorW(
        descriptor: *const c_void,
        revision: u32,
        what: u32,
        text: *mut *mut u16,
        length: *mut u32,
    ) -> i32;
}

/// The rules of what is open, as SDDL.
fn rules(file: &File) -> String {
    let (mut dacl, mut descriptor, mut text) = (null_mut(), null_mut(), null_mut());
    let (object, what) = (file.as_raw_handle(), DACL_SECURITY_INFORMATION);
    let (none, dacl_at, descriptor_at) = (null_mut(), &raw mut dacl, &raw mut descriptor);
    // SAFETY: an open file, and places for its rules and their descriptor.
    let code =
        unsafe { GetSecurityInfo(object, SE_FILE_OBJECT, what, none, none, dacl_at, none, descriptor_at) };
    assert_eq!(code, 0);
    let descriptor = Local(descriptor);
    let into = &raw mut text;
    // SAFETY: a descriptor, and a place for its text.
    succeeded(unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor.0, 1, what, into, null_mut())
    })
    .unwrap();
    let text = Local(text.cast());
    // SAFETY: a terminated text.
    unsafe { wide(text.0.cast()) }
}

fn folder(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.access_mode(0x0002_0000).custom_flags(0x0200_0000).open(path).unwrap()
}

#[test]
fn a_sealed_file_is_the_users_and_the_systems() {
    let place = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::new();
    let options = options.access_mode(0x4000_0000 | 0x0004_0000).write(true).create_new(true);
    let file = options.open(place.path().join("a")).unwrap();
    seal(&file).unwrap();
    check_owner(&file).unwrap();
    let said = rules(&file);
    assert_eq!(said, format!("D:P(A;;FA;;;{})(A;;FA;;;SY)", user().unwrap()));
}

#[test]
fn the_state_folder_is_made_for_nobody_else() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("sessions");
    let journal = Journal::with_access(&path, access());
    drop(journal.claim("https://h/1").unwrap());
    let said = rules(&folder(&path));
    assert!(said.contains(&user().unwrap()), "{said}");
    for others in ["WD)", "BU)", "AU)", "IU)"] {
        assert!(!said.contains(others), "{said}");
    }
}
