//! What macOS has otherwise than other Unix systems.

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;

pub(super) const PTHREAD_CANCEL_DISABLE: c_int = 0;

/// No flag of the linker does it.
pub(crate) fn stay_loaded() -> io::Result<()> {
    let mut library = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked for, and `library` can be written.
    if unsafe { libc::dladdr(stay_loaded as *const libc::c_void, library.as_mut_ptr()) } == 0 {
        return Err(io::ErrorKind::NotFound.into());
    }
    // SAFETY: dladdr has filled it in.
    let path = unsafe { library.assume_init() }.dli_fname;
    let flags = libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: the path is a terminated text of the loader's.
    if unsafe { libc::dlopen(path, flags) }.is_null() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(())
}
