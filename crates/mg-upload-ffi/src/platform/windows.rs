//! Windows: no signals and no cancellation; access rules that name the owner alone.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{null, null_mut};

use mg_upload::journal::Access;

// libloaderapi.h, winnt.h, accctrl.h, sddl.h
const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;
const TOKEN_QUERY: u32 = 8;
const TOKEN_USER: i32 = 1;
const SE_FILE_OBJECT: i32 = 1;
const OWNER_SECURITY_INFORMATION: u32 = 1;
const DACL_SECURITY_INFORMATION: u32 = 4;
const PROTECTED_DACL_SECURITY_INFORMATION: u32 = 0x8000_0000;
const SDDL_REVISION_1: u32 = 1;

/// Who may own what the user trusts, besides himself: the system, and the administrators, as whom Windows has what they make
/// belong to them all.
const TRUSTED: [&str; 2] = ["S-1-5-18", "S-1-5-32-544"];

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    fn GetCurrentProcess() -> *mut c_void;
    fn LocalFree(memory: *mut c_void) -> *mut c_void;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    fn OpenProcessToken(process: *mut c_void, access: u32, token: *mut *mut c_void) -> i32;
    fn GetTokenInformation(
        token: *mut c_void,
        class: i32,
        information: *mut c_void,
        length: u32,
        needed: *mut u32,
    ) -> i32;
    fn ConvertSidToStringSidW(sid: *const c_void, text: *mut *mut u16) -> i32;
    fn ConvertStringSecurityDescriptorToSecurityDescriptorW(
        text: *const u16,
        revision: u32,
        descriptor: *mut *mut c_void,
        size: *mut u32,
    ) -> i32;
    fn GetSecurityDescriptorDacl(
        descriptor: *const c_void,
        present: *mut i32,
        dacl: *mut *mut c_void,
        defaulted: *mut i32,
    ) -> i32;
    fn SetSecurityInfo(
        object: *mut c_void,
        kind: i32,
        what: u32,
        owner: *const c_void,
        group: *const c_void,
        dacl: *const c_void,
        sacl: *const c_void,
    ) -> u32;
    fn GetSecurityInfo(
        object: *mut c_void,
        kind: i32,
        what: u32,
        owner: *mut *mut c_void,
        group: *mut *mut c_void,
        dacl: *mut *mut c_void,
        sacl: *mut *mut c_void,
        descriptor: *mut *mut c_void,
    ) -> u32;
}

/// Windows has no signals that a thread could block.
pub(crate) struct BlockedSignals;

impl BlockedSignals {
    pub(crate) fn new() -> BlockedSignals {
        BlockedSignals
    }
}

/// Nor does it cancel threads.
pub(crate) struct HeldCancellation;

impl HeldCancellation {
    pub(crate) fn new() -> HeldCancellation {
        HeldCancellation
    }
}

pub(crate) fn stay_loaded() -> io::Result<()> {
    let mut module = null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    // SAFETY: an address inside this library, and a place for its handle.
    succeeded(unsafe { GetModuleHandleExW(flags, stay_loaded as *const c_void, &raw mut module) })
}

/// Files and folders of the state folder: for the user, and the system, which backs them up.
pub(crate) fn access() -> Access {
    Access { seal, check_owner }
}

/// Lets the user and the system have it, and nobody else. It is open with WRITE_DAC.
fn seal(file: &File) -> io::Result<()> {
    let handed_down = if file.metadata()?.is_dir() { "OICI" } else { "" };
    let user = user()?;
    let rules = format!("D:P(A;{handed_down};FA;;;{user})(A;{handed_down};FA;;;SY)\0");
    let rules: Vec<u16> = rules.encode_utf16().collect();
    let mut descriptor = null_mut();
    let into = &raw mut descriptor;
    // SAFETY: a terminated text, and a place for what it becomes; nobody asks for its size.
    succeeded(unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rules.as_ptr(),
            SDDL_REVISION_1,
            into,
            null_mut(),
        )
    })?;
    let descriptor = Local(descriptor);
    let (mut present, mut dacl, mut defaulted) = (0, null_mut(), 0);
    // SAFETY: a descriptor, and places for what it has.
    succeeded(unsafe {
        GetSecurityDescriptorDacl(descriptor.0, &raw mut present, &raw mut dacl, &raw mut defaulted)
    })?;
    if dacl.is_null() {
        // As rules, it would let everybody in.
        return Err(io::Error::other("its access rules cannot be made"));
    }
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let object = file.as_raw_handle();
    // SAFETY: an open file, and rules that live as long as their descriptor.
    match unsafe { SetSecurityInfo(object, SE_FILE_OBJECT, what, null(), null(), dacl, null()) } {
        0 => Ok(()),
        code => Err(failed("its access rules cannot be set", code)),
    }
}

/// Fails for what belongs to another user. It is open with READ_CONTROL.
fn check_owner(file: &File) -> io::Result<()> {
    let (mut owner, mut descriptor) = (null_mut(), null_mut());
    let (object, what) = (file.as_raw_handle(), OWNER_SECURITY_INFORMATION);
    let (owner_at, descriptor_at) = (&raw mut owner, &raw mut descriptor);
    // SAFETY: an open file, and places for its owner and for the descriptor that this is in.
    let code = unsafe {
        GetSecurityInfo(
            object,
            SE_FILE_OBJECT,
            what,
            owner_at,
            null_mut(),
            null_mut(),
            null_mut(),
            descriptor_at,
        )
    };
    if code != 0 {
        return Err(failed("its owner cannot be told", code));
    }
    let _descriptor = Local(descriptor);
    // SAFETY: the owner lies in the descriptor, which lives on.
    let owner = unsafe { text_of(owner) }?;
    if owner == user()? || TRUSTED.contains(&owner.as_str()) {
        return Ok(());
    }
    Err(io::Error::other(format!("it belongs to another user ({owner})")))
}

/// Who this process runs as.
fn user() -> io::Result<String> {
    let mut token = null_mut();
    // SAFETY: it is always there, and needs no closing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: a process, and a place for the token.
    succeeded(unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) })?;
    // SAFETY: just opened, and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A TOKEN_USER: a pointer to the SID, its attributes, and the SID of 68 bytes at most.
    let mut user = [null_mut::<c_void>(); 16];
    let (size, mut needed) = (size_of_val(&user) as u32, 0);
    let (handle, into) = (token.as_raw_handle(), user.as_mut_ptr().cast());
    // SAFETY: a token, and `size` bytes that are aligned for pointers.
    succeeded(unsafe { GetTokenInformation(handle, TOKEN_USER, into, size, &raw mut needed) })?;
    // SAFETY: filled in: its first member points to a SID behind it.
    unsafe { text_of(user[0]) }
}

/// A SID as S-1-….
///
/// # Safety
/// `sid` points to a SID.
unsafe fn text_of(sid: *const c_void) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: by this function's own contract; and a place for the text.
    succeeded(unsafe { ConvertSidToStringSidW(sid, &raw mut text) })?;
    let text = Local(text.cast());
    // SAFETY: a terminated text.
    Ok(unsafe { wide(text.0.cast()) })
}

/// A text of Windows'.
///
/// # Safety
/// `text` points to one that is terminated.
unsafe fn wide(text: *const u16) -> String {
    let mut units = Vec::new();
    loop {
        let next = text.wrapping_add(units.len());
        // SAFETY: no unit before it was the last one.
        match unsafe { next.read() } {
            0 => return String::from_utf16_lossy(&units),
            unit => units.push(unit),
        }
    }
}

/// Memory that Windows has allocated for its caller.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: from a function that says to free it so, and freed only here.
        unsafe { LocalFree(self.0) };
    }
}

fn succeeded(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn failed(what: &str, code: u32) -> io::Error {
    let error = io::Error::from_raw_os_error(code.cast_signed());
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

#[cfg(test)]
mod tests;
