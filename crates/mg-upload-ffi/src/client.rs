//! The client handle: an endpoint, a token, a connection pool and threads of its own.

use std::sync::Arc;

use mg_upload::{Client, ClientOptions, Error};

use crate::client_options::{mgu_client_options, read_client_options};
use crate::error::mgu_error;
use crate::guard::guard;
use crate::guest::{Home, stay_loaded, without_signals};
use crate::lanes::Lanes;
use crate::pointer::{borrow, writable};
use crate::sized::read_sized;
use crate::status::mgu_status;
use crate::text::mgu_text;

/// A client. It may be used from any number of threads at once.
pub struct mgu_client {
    pub(crate) shared: Arc<Shared>,
}

/// What operations keep alive after their client is freed.
pub(crate) struct Shared {
    pub client: Client,
    lanes: Option<Lanes>,
    pub home: Home,
}

impl Shared {
    fn new(options: ClientOptions) -> Result<Shared, Error> {
        stay_loaded()?;
        without_signals(|| {
            let lanes = Lanes::start()?;
            let client = {
                // The client's clock is the runtime's.
                let _inside = lanes.enter();
                Client::new(options)?
            };
            Ok(Shared { client, lanes: Some(lanes), home: Home::here() })
        })
    }

    pub(crate) fn spawn<R>(
        &self,
        work: impl Future<Output = R> + Send + 'static,
        end: impl FnOnce(R) + Send + 'static,
    ) -> Result<(), Error> {
        let lanes =
            self.lanes.as_ref().ok_or_else(|| Error::Unexpected("the client is shutting down".into()))?;
        lanes.spawn(work, end);
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The last holder may be one of these very threads, which must not wait for itself; nor must the caller.
        if let Some(lanes) = self.lanes.take() {
            lanes.shut_down();
        }
    }
}

/// Makes a client. Everything that it takes from the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE,
/// SSL_CERT_DIR, MGUPLOAD_STATE, and what names the user's state folder) is read here, on the calling thread, and never
/// later. It records open uploads in `state_folder`, else in the folder that
/// MGUPLOAD_STATE names, else in the user's own. On success `*client` is the caller's, to be freed with mgu_client_free;
/// on failure it is untouched, and `*error`, where `error` is not NULL, is the caller's, to be freed with mgu_error_free.
/// Returns MGU_STATUS_OK, MGU_STATUS_INVALID_INPUT (a NULL, a text that is not UTF-8, an endpoint that is neither https
/// nor loopback, an unusable proxy or certificate file, a time limit beyond a day, an `options->size` that the struct has never had),
/// MGU_STATUS_OUT_OF_RESOURCES (no thread is to be had), MGU_STATUS_UNEXPECTED.
///
/// # Safety
/// `options` points to a mgu_client_options whose texts are readable; `client` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_client_new(
    options: *const mgu_client_options,
    client: *mut *mut mgu_client,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let inner = || {
        writable(client, "client")?;
        // SAFETY: by this function's own contract.
        let options = unsafe { read_sized(options) }?;
        // SAFETY: by this function's own contract.
        let options = unsafe { read_client_options(&options) }?;
        let made = Box::new(mgu_client { shared: Arc::new(Shared::new(options)?) });
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { client.write(Box::into_raw(made)) };
        Ok(())
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// Sets the proxy for a host ("contoso.sharepoint.com"), for programs that can ask the system what a script (PAC) or WPAD says
/// of it, which this library cannot; where `host` is empty, for all hosts that have none of their own. An empty `proxy`
/// means none. Holds for connections that are made from now on, and only where the options name no proxy.
/// Returns MGU_STATUS_OK or MGU_STATUS_INVALID_INPUT (a NULL, not UTF-8, an address that is no proxy's).
///
/// # Safety
/// `client` is NULL or live; `host` and `proxy` are readable; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_client_set_route(
    client: *const mgu_client,
    host: mgu_text,
    proxy: mgu_text,
    error: *mut *mut mgu_error,
) -> mgu_status {
    let inner = || {
        // SAFETY: by this function's own contract.
        let client = unsafe { borrow(client, "client") }?;
        client.shared.home.check()?;
        // SAFETY: by this function's own contract.
        let host = unsafe { host.read("host") }?;
        // SAFETY: by this function's own contract.
        let proxy = unsafe { proxy.read("proxy") }?;
        client.shared.client.set_route(host, proxy)
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// Frees a client. Operations that it has started go on and keep what they need of it. Never waits. NULL is allowed.
///
/// # Safety
/// `client` is NULL or a client that has not been freed and that no other thread is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mgu_client_free(client: *mut mgu_client) {
    if !client.is_null() {
        // SAFETY: made by Box::into_raw, and not freed before, by this function's own contract.
        let client = unsafe { Box::from_raw(client) };
        // What a fork inherits has no threads that could end it.
        if !client.shared.home.is_here() {
            return std::mem::forget(client);
        }
        // A panic while tearing down changes nothing for the caller.
        let _ = crate::guard::catch(|| drop(client));
    }
}
