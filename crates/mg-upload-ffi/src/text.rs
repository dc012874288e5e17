//! Texts across the ABI: a pointer and a length, UTF-8, never terminated.

use mg_upload::Error;

/// A UTF-8 text: `len` bytes at `data`, without a terminator. With `len` 0 the pointer is ignored and may be NULL.
/// A text never owns its bytes: those given to a function are read before it returns, and those received belong to
/// what they were received from.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mgu_text {
    /// The first byte.
    pub data: *const u8,
    /// How many bytes.
    pub len: usize,
}

impl mgu_text {
    pub(crate) const EMPTY: mgu_text = mgu_text { data: std::ptr::null(), len: 0 };

    pub(crate) fn borrowed(text: &str) -> mgu_text {
        mgu_text { data: text.as_ptr(), len: text.len() }
    }

    /// Reads a text; `what` names it in the error.
    ///
    /// # Safety
    /// `data` points to `len` readable bytes that do not change for as long as the result is used, or `len` is 0.
    pub(crate) unsafe fn read<'a>(self, what: &str) -> Result<&'a str, Error> {
        if self.len == 0 {
            return Ok("");
        }
        if self.data.is_null() || isize::try_from(self.len).is_err() {
            return Err(Error::InvalidInput(format!("{what} has a length but no bytes")));
        }
        // SAFETY: not NULL, not longer than an allocation can be, and readable by this function's own contract.
        let bytes = unsafe { std::slice::from_raw_parts(self.data, self.len) };
        std::str::from_utf8(bytes).map_err(|_| Error::InvalidInput(format!("{what} is not UTF-8")))
    }
}
