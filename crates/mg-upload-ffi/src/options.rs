//! How an upload is carried out, as it crosses the ABI.

use std::time::Duration;

use mg_upload::{Error, UploadOptions};

use crate::sized::{SizedStruct, read_sized};

/// A flag of mgu_upload_options for mgu_journal_resume_start: go on although the file is no longer what it was.
pub const MGU_RESUME_FORCE: u32 = 1;
/// A flag of mgu_upload_options: leave a session that was created with deferCommit without its commit; else it is
/// committed at the end.
pub const MGU_UPLOAD_DEFER_COMMIT: u32 = 2;
/// A flag of mgu_upload_options: take the file's SHA-256 as well.
pub const MGU_UPLOAD_SHA256: u32 = 4;
/// A flag of mgu_upload_options: the file is a copy of bytes that come from elsewhere, and another copy of the same bytes
/// may go on in its place.
pub const MGU_UPLOAD_COPY: u32 = 8;

/// How an upload is carried out. Set `size` to sizeof(mgu_upload_options) and leave the rest zero for the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mgu_upload_options {
    /// sizeof(mgu_upload_options).
    pub size: usize,
    /// Bytes in one request; rounded down to what the service's rules allow. 0: the default for the kind of session.
    pub chunk_bytes: u64,
    /// All pauses together, in milliseconds. 0: one hour.
    pub wait_budget_millis: u64,
    /// Attempts without progress before it is given up. 0: ten.
    pub max_attempts: u32,
    /// MGU_UPLOAD_DEFER_COMMIT, MGU_UPLOAD_SHA256, MGU_UPLOAD_COPY, MGU_RESUME_FORCE (for mgu_journal_resume_start only), or zero.
    pub flags: u32,
}

// SAFETY: repr(C), and only numbers.
unsafe impl SizedStruct for mgu_upload_options {
    const NAME: &'static str = "mgu_upload_options";
    const FORMER: &'static [usize] = &[];
}

/// Reads options; NULL gives the defaults.
///
/// # Safety
/// `options` is NULL, or readable for as many bytes as its first field says.
pub(crate) unsafe fn read_options(
    options: *const mgu_upload_options,
    further_flags: u32,
) -> Result<UploadOptions, Error> {
    let defaults = UploadOptions::default();
    if options.is_null() {
        return Ok(defaults);
    }
    // SAFETY: by this function's own contract.
    let options = unsafe { read_sized(options) }?;
    let flags = options.flags;
    if flags & !(MGU_UPLOAD_DEFER_COMMIT | MGU_UPLOAD_SHA256 | MGU_UPLOAD_COPY | further_flags) != 0 {
        return Err(Error::InvalidInput(format!("unknown flags {flags:#x}")));
    }
    Ok(UploadOptions {
        chunk: (options.chunk_bytes > 0).then_some(options.chunk_bytes),
        max_attempts: if options.max_attempts > 0 { options.max_attempts } else { defaults.max_attempts },
        wait_budget: match options.wait_budget_millis {
            0 => defaults.wait_budget,
            millis => Duration::from_millis(millis),
        },
        defer_commit: flags & MGU_UPLOAD_DEFER_COMMIT != 0,
        sha256: flags & MGU_UPLOAD_SHA256 != 0,
        is_copy: flags & MGU_UPLOAD_COPY != 0,
        force: flags & MGU_RESUME_FORCE != 0,
        on_record: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &mgu_upload_options, further: u32) -> Result<UploadOptions, Error> {
        // SAFETY: a live struct.
        unsafe { read_options(options, further) }
    }

    const ZERO: mgu_upload_options = mgu_upload_options {
        size: size_of::<mgu_upload_options>(),
        chunk_bytes: 0,
        wait_budget_millis: 0,
        max_attempts: 0,
        flags: 0,
    };

    #[test]
    fn zero_is_the_default() {
        assert_eq!(read(&ZERO, 0).unwrap(), UploadOptions::default());
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { read_options(std::ptr::null(), 0) }.unwrap(), UploadOptions::default());
    }

    #[test]
    fn each_number_and_flag_has_its_meaning() {
        let given = mgu_upload_options { chunk_bytes: 5, wait_budget_millis: 1500, max_attempts: 3, ..ZERO };
        let expected = UploadOptions {
            chunk: Some(5),
            wait_budget: Duration::from_millis(1500),
            max_attempts: 3,
            ..UploadOptions::default()
        };
        assert_eq!(read(&given, 0).unwrap(), expected);
        for (flags, told) in [
            (MGU_UPLOAD_DEFER_COMMIT, [true, false, false, false]),
            (MGU_UPLOAD_SHA256, [false, true, false, false]),
            (MGU_UPLOAD_COPY, [false, false, true, false]),
            (MGU_RESUME_FORCE, [false, false, false, true]),
            (15, [true; 4]),
        ] {
            let read = read(&mgu_upload_options { flags, ..ZERO }, MGU_RESUME_FORCE).unwrap();
            assert_eq!([read.defer_commit, read.sha256, read.is_copy, read.force], told, "{flags}");
        }
        for flags in [MGU_RESUME_FORCE, 16, u32::MAX] {
            assert!(read(&mgu_upload_options { flags, ..ZERO }, 0).is_err(), "{flags}");
        }
    }
}
