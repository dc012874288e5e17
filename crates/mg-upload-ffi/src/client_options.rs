//! What a client is made from.

use std::mem::offset_of;
use std::time::Duration;

use mg_upload::journal::{self, Journal};
use mg_upload::net::{HttpOptions, ProxyOptions};
use mg_upload::{ClientOptions, Error, Secret};

use crate::platform;
use crate::sized::{SizedStruct, size_before};
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

/// # Safety
/// The texts of `options` are readable.
pub(crate) unsafe fn read_client_options(options: &mgu_client_options) -> Result<ClientOptions, Error> {
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
