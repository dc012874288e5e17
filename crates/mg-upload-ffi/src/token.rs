//! Tokens: the one that a client sends, and what an operation asks for that lacks one.

use std::sync::PoisonError;
use std::time::Duration;

use mg_upload::{Error, Lack, Secret, Wanted};

use crate::client::mgu_client;
use crate::error::mgu_error;
use crate::guard::guard;
use crate::operation::{look, mgu_operation};
use crate::pointer::{borrow, writable};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// Sets the token that is sent to the Graph endpoint, and to no other host; an empty text forgets it. The token is
/// copied. Operations under way keep what they began with.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (NULL, not UTF-8, a character that no header can carry).
///
/// # Safety
/// `client` is NULL or live; `token` is readable; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_client_set_token(
    client: *const mgu_client,
    token: mgu_text,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let inner = || {
        // SAFETY: by this function's own contract.
        let client = unsafe { borrow(client, "client") }?;
        client.shared.home.check()?;
        // SAFETY: by this function's own contract.
        client.shared.client.set_token(unsafe { read_token(token) }?);
        Ok(())
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// Answers MGU_STATUS_TOKEN_WANTED: `number` is that of mgu_operation_token_wanted, and `lives_millis` says how long the
/// token lives (0: not known), so that the next one is asked for in time. An empty token says that there is none to be
/// had: what waits for it goes on without, and fails as a rule. Many operations may have asked the same question; the
/// first answer holds, and one that comes late changes nothing.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (NULL, not UTF-8, a character that no header can carry).
///
/// # Safety
/// `client` is NULL or live; `token` is readable; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_client_answer_token(
    client: *const mgu_client,
    number: u64,
    token: mgu_text,
    lives_millis: u64,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let inner = || {
        // SAFETY: by this function's own contract.
        let client = unsafe { borrow(client, "client") }?;
        client.shared.home.check()?;
        // SAFETY: by this function's own contract.
        let token = unsafe { read_token(token) }?;
        let lives = (lives_millis > 0).then(|| Duration::from_millis(lives_millis));
        client.shared.client.answer_token(number, token, lives);
        Ok(())
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// Why a token is wanted.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum mgu_token_lack {
    /// There is none.
    MGU_TOKEN_MISSING = 0,
    /// The present one ends soon.
    MGU_TOKEN_ENDING = 1,
    /// The service has refused the present one.
    MGU_TOKEN_REFUSED = 2,
}

impl From<Lack> for mgu_token_lack {
    fn from(lack: Lack) -> mgu_token_lack {
        match lack {
            Lack::Missing => mgu_token_lack::MGU_TOKEN_MISSING,
            Lack::Ending => mgu_token_lack::MGU_TOKEN_ENDING,
            Lack::Refused => mgu_token_lack::MGU_TOKEN_REFUSED,
        }
    }
}

/// Says what token an operation waits for, after MGU_STATUS_TOKEN_WANTED: the number of the question, for
/// mgu_client_answer_token; why, an mgu_token_lack; and the claims that the service's 401 says a new one must have (base64
/// of JSON, as it stands in WWW-Authenticate), or an empty text. A token with claims must be a new one; so must one that
/// was refused. The text belongs to the operation and lives until the next call for it: one thread at a time.
/// Returns MGU_STATUS_TOKEN_WANTED; MGU_STATUS_PENDING where it waits for none (any more), and nothing is written;
/// MGU_STATUS_BAD_CALL for a NULL and in a fork of the process that has started it.
///
/// # Safety
/// `operation` is NULL or live, and no other thread is in this call for it; the others are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_operation_token_wanted(
    operation: *const mgu_operation,
    number: *mut u64,
    lack: *mut mgu_token_lack,
    claims: *mut mgu_text,
) -> mgu_status {
    let work = |operation: &mgu_operation| {
        writable(number, "number")?;
        writable(lack, "lack")?;
        writable(claims, "claims")?;
        let Some(wanted) = operation.wanted() else { return Ok(mgu_status::MGU_STATUS_PENDING) };
        let mut handed_out = operation.cell.claims.lock().unwrap_or_else(PoisonError::into_inner);
        *handed_out = wanted.claims.unwrap_or_default();
        // SAFETY: not NULL, and writable by this function's own contract, here and below.
        unsafe { number.write(wanted.number) };
        // SAFETY: as above.
        unsafe { lack.write(wanted.lack.into()) };
        // SAFETY: as above.
        unsafe { claims.write(mgu_text::borrowed(&handed_out)) };
        Ok(mgu_status::MGU_STATUS_TOKEN_WANTED)
    };
    // SAFETY: by this function's own contract.
    unsafe { look(operation, work) }
}

impl mgu_operation {
    /// The token that it waits for.
    pub(crate) fn wanted(&self) -> Option<Wanted> {
        self.cell.progress.wanted().filter(|wanted| self.client.client.wants_token(wanted.number))
    }
}

/// # Safety
/// `token` is readable.
unsafe fn read_token(token: mgu_text) -> Result<Option<Secret>, Error> {
    // SAFETY: by this function's own contract.
    let token = unsafe { token.read("token") }?.trim();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::InvalidInput("the token has characters that no token has".into()));
    }
    Ok((!token.is_empty()).then(|| Secret::new(token)))
}
