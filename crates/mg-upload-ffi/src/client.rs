//! The client handle: an endpoint, a token, a connection pool and threads of its own.

use std::mem::offset_of;
use std::sync::Arc;
use std::time::Duration;

use mg_upload::journal::{self, Journal};
use mg_upload::net::{HttpOptions, ProxyOptions};
use mg_upload::{Client, ClientOptions, Error, Secret};

use crate::error::mgu_error;
use crate::guard::guard;
use crate::guest::{Home, stay_loaded, without_signals};
use crate::lanes::Lanes;
use crate::platform;
use crate::pointer::{borrow, writable};
use crate::sized::{SizedStruct, read_sized, size_before};
use crate::status::mgu_status;
use crate::text::mgu_text;

/// What a client is made from. Set `size` to sizeof(mgu_client_options) and leave the rest zero for the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mgu_client_options {
    /// sizeof(mgu_client_options).
    pub size: usize,
    /// Graph's base URL, such as "https://graph.microsoft.com"; https, or http to a loopback address.
    pub graph_endpoint: mgu_text,
    /// The User-Agent; empty for the library's own.
    pub user_agent: mgu_text,
    /// A proxy's URL; empty for the system's proxy. Loopback is always reached without one.
    pub proxy: mgu_text,
    /// User name for that proxy; empty for none.
    pub proxy_user: mgu_text,
    /// Password for that proxy.
    pub proxy_password: mgu_text,
    /// Where open uploads are recorded; empty for the user's state folder.
    pub state_folder: mgu_text,
    /// Hosts that are reached without a proxy, separated by commas as in NO_PROXY. NO_PROXY itself counts besides where
    /// `proxy` is empty.
    pub no_proxy: mgu_text,
    /// A PEM file of certificates that are trusted besides those of the system; empty for none. SSL_CERT_FILE counts
    /// besides, on Unix.
    pub ca_file: mgu_text,
    /// How long an operation waits for a token that it asks for, in milliseconds: mgu_operation_wait says
    /// MGU_STATUS_TOKEN_WANTED then. 0: it asks for none; what lacks a token, or has one that is refused, fails.
    pub token_wait_millis: u64,
    /// How long making a connection may take, in milliseconds, up to a day. 0: 30 s.
    pub connect_timeout_millis: u64,
    /// How long a connection may be silent, no byte taken and none heard, before a request is given up, in milliseconds, up
    /// to a day. 0: 100 s.
    pub idle_timeout_millis: u64,
}

// SAFETY: repr(C), and a text of zero bytes is an empty one.
unsafe impl SizedStruct for mgu_client_options {
    const NAME: &'static str = "mgu_client_options";
    const FORMER: &'static [usize] = &[
        size_before::<Self>(offset_of!(Self, no_proxy)),
        size_before::<Self>(offset_of!(Self, token_wait_millis)),
        size_before::<Self>(offset_of!(Self, connect_timeout_millis)),
    ];
}

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
        let options = unsafe { read_options(&options) }?;
        let made = Box::new(mgu_client { shared: Arc::new(Shared::new(options)?) });
        // SAFETY: not NULL, and writable by this function's own contract.
        unsafe { client.write(Box::into_raw(made)) };
        Ok(())
    };
    // SAFETY: by this function's own contract.
    unsafe { guard(error, inner) }
}

/// # Safety
/// The texts of `options` are readable.
unsafe fn read_options(options: &mgu_client_options) -> Result<ClientOptions, Error> {
    // SAFETY: by this function's own contract, here and below.
    let text = |text: mgu_text, what| unsafe { text.read(what) }.map(str::to_owned);
    let (url, user) = (text(options.proxy, "proxy")?, text(options.proxy_user, "proxy_user")?);
    let password = text(options.proxy_password, "proxy_password")?;
    let ca_file = text(options.ca_file, "ca_file")?;
    let folder = text(options.state_folder, "state_folder")?;
    let folder = if folder.is_empty() { journal::default_folder() } else { Some(folder.into()) };
    let defaults = HttpOptions::default();
    let limit = |millis, default| if millis == 0 { default } else { Duration::from_millis(millis) };
    let credentials = (!user.is_empty()).then(|| (user, Secret::new(password)));
    Ok(ClientOptions {
        graph_endpoint: text(options.graph_endpoint, "graph_endpoint")?,
        user_agent: text(options.user_agent, "user_agent")?,
        http: HttpOptions {
            proxy: (!url.is_empty()).then_some(ProxyOptions { url, credentials }),
            direct: text(options.no_proxy, "no_proxy")?,
            ca_file: (!ca_file.is_empty()).then(|| ca_file.into()),
            connect_timeout: limit(options.connect_timeout_millis, defaults.connect_timeout),
            idle_timeout: limit(options.idle_timeout_millis, defaults.idle_timeout),
        },
        journal: folder.map(|folder| Journal::with_access(folder, platform::access())),
        token_patience: Duration::from_millis(options.token_wait_millis),
    })
}

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
