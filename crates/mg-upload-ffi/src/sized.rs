//! Structs whose first field is their own size. One of them grows at its end only, and remembers the sizes that it has
//! had: a caller that was built when it was shorter goes on as before.

use std::mem::MaybeUninit;

use mg_upload::Error;

/// A struct that says how long it is.
///
/// # Safety
/// It is `repr(C)`, its first field is `size: usize`, and all its bytes zero are a value, which stands for the defaults.
pub(crate) unsafe trait SizedStruct: Copy {
    const NAME: &'static str;
    /// The sizes it has had before: see `size_before`.
    const FORMER: &'static [usize];
}

/// The size that `S` had before the field at `offset` was added to its end: what belongs into `SizedStruct::FORMER`.
pub(crate) const fn size_before<S>(offset: usize) -> usize {
    offset.next_multiple_of(align_of::<S>())
}

/// The size that the caller knows `S` by. One that `S` has never had is refused before anything but that field is read.
///
/// # Safety
/// `given` is NULL, or its first field is readable.
pub(crate) unsafe fn known_size<S: SizedStruct>(given: *const S) -> Result<usize, Error> {
    if given.is_null() {
        return Err(Error::InvalidInput(format!("{} is NULL", S::NAME)));
    }
    // SAFETY: not NULL, and readable by this function's own contract.
    let size = unsafe { given.cast::<usize>().read() };
    if size == size_of::<S>() || S::FORMER.contains(&size) {
        return Ok(size);
    }
    Err(Error::InvalidInput(format!(
        "{}.size is {size} and must be {}: caller and library differ",
        S::NAME,
        size_of::<S>()
    )))
}

/// Reads a struct; what is not in the caller's is zero.
///
/// # Safety
/// `given` is NULL, or readable for as many bytes as its first field says.
pub(crate) unsafe fn read_sized<S: SizedStruct>(given: *const S) -> Result<S, Error> {
    // SAFETY: by this function's own contract.
    let size = unsafe { known_size(given) }?;
    let mut read = MaybeUninit::<S>::zeroed();
    // SAFETY: readable that far by this function's own contract; no known size is longer than `S`.
    unsafe { given.cast::<u8>().copy_to_nonoverlapping(read.as_mut_ptr().cast(), size) };
    // SAFETY: zero bytes are a value by the trait's contract, and the caller has put those of a value over them.
    Ok(unsafe { read.assume_init() })
}

/// Writes as much of `value` as the caller's struct has, but for its size.
///
/// # Safety
/// `known_size` has accepted `to`, and it is writable for as many bytes as its first field says.
pub(crate) unsafe fn write_sized<S: SizedStruct>(to: *mut S, value: &S) -> Result<(), Error> {
    // SAFETY: by this function's own contract.
    let size = unsafe { known_size(to.cast_const()) }?;
    let (from, first) = ((&raw const *value).cast::<u8>(), size_of::<usize>());
    // SAFETY: the first field is a usize by the trait's contract.
    let (from, to) = (unsafe { from.add(first) }, unsafe { to.cast::<u8>().add(first) });
    // SAFETY: no known size is longer than `S`, and `to` is writable that far by this function's own contract.
    unsafe { to.copy_from_nonoverlapping(from, size - first) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    #[repr(C)]
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Grown {
        size: usize,
        first: u64,
        second: u32,
        third: u64,
        fourth: u32,
    }

    // SAFETY: repr(C), and only numbers.
    unsafe impl SizedStruct for Grown {
        const NAME: &'static str = "grown";
        const FORMER: &'static [usize] = &[
            size_before::<Grown>(offset_of!(Grown, third)),
            size_before::<Grown>(offset_of!(Grown, fourth)),
        ];
    }

    const FULL: Grown = Grown { size: size_of::<Grown>(), first: 1, second: 2, third: 3, fourth: 4 };

    #[test]
    fn a_former_size_is_read_and_the_rest_is_zero() {
        let read = |size| {
            let given = Grown { size, ..FULL };
            // SAFETY: a struct of its own size or longer.
            unsafe { read_sized(&raw const given) }.map(|read| (read.second, read.third, read.fourth)).ok()
        };
        assert_eq!(read(size_of::<Grown>()), Some((2, 3, 4)));
        assert_eq!(read(offset_of!(Grown, fourth)), Some((2, 3, 0)));
        assert_eq!(read(offset_of!(Grown, third)), Some((2, 0, 0)));
        for unknown in [0, 8, size_of::<Grown>() - 1, size_of::<Grown>() + 8, usize::MAX] {
            assert_eq!(read(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn nothing_is_written_beyond_what_the_caller_has() {
        for (size, expected) in [
            (size_of::<Grown>(), (1, 2, 3, 4)),
            (offset_of!(Grown, fourth), (1, 2, 3, 9)),
            (offset_of!(Grown, third), (1, 2, 9, 9)),
        ] {
            let mut to = Grown { size, first: 9, second: 9, third: 9, fourth: 9 };
            // SAFETY: a struct of its own size or longer.
            unsafe { write_sized(&raw mut to, &FULL) }.unwrap();
            assert_eq!((to.size, (to.first, to.second, to.third, to.fourth)), (size, expected));
        }
    }
}
