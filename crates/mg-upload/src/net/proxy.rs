//! Which requests go through a proxy: settled once, when a client is made. The environment is read on the thread that makes
//! it and never again, for a host may change its variables at any time, and reading them meanwhile is a crash.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Proxy, Url};

use crate::address::is_loopback;
use crate::secret::{Secret, redacted};

/// A proxy other than the system's.
#[derive(Clone)]
pub struct ProxyOptions {
    /// The proxy's URL; it may carry a user name and a password.
    pub url: String,
    /// User name and password for it.
    pub credentials: Option<(String, Secret)>,
}

impl fmt::Debug for ProxyOptions {
    /// The URL may have a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyOptions").field("url", &redacted(&self.url)).finish_non_exhaustive()
    }
}

/// The rule that all connections follow: through the proxy that is named, else through the system's; never to the hosts of
/// `direct`, a list as in `NO_PROXY`. INVARIANT: what may go without TLS, which is loopback only, never leaves the machine.
pub(super) fn rule(named: Option<&ProxyOptions>, direct: &str) -> Result<Proxy, String> {
    let through = match named {
        Some(options) => named_only(&options.url)?,
        None => Matcher::from_system(),
    };
    let direct = Matcher::builder().all("http://any").no(direct.to_owned()).build();
    let proxy = Proxy::custom(move |url| {
        if is_loopback(url) {
            return None;
        }
        let host = without_path(url)?;
        direct.intercept(&host)?;
        address(&through.intercept(&host)?)
    });
    Ok(match named.and_then(|options| options.credentials.as_ref()) {
        Some((user, password)) => proxy.basic_auth(user, password.expose()),
        None => proxy,
    })
}

fn named_only(url: &str) -> Result<Matcher, String> {
    let matcher = Matcher::builder().all(url.to_owned()).build();
    match matcher.intercept(&Uri::from_static("https://graph.microsoft.com")) {
        Some(found) if matches!(found.uri().scheme_str(), Some("http" | "https")) => Ok(matcher),
        Some(_) => Err("the proxy's URL is neither http nor https".into()),
        None => Err("the proxy's URL is unusable".into()),
    }
}

/// All that decides the way. The rest of an upload URL is opaque, and not every URL is a `Uri`.
fn without_path(url: &Url) -> Option<Uri> {
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    format!("{}://{}{port}", url.scheme(), url.host_str()?).parse().ok()
}

/// The proxy's address, with the credentials that its variable had.
fn address(found: &Intercept) -> Option<Url> {
    let mut url = Url::parse(&found.uri().to_string()).ok()?;
    if let Some(header) = found.basic_auth() {
        let plain = BASE64_STANDARD.decode(header.as_bytes().strip_prefix(b"Basic ")?).ok()?;
        let plain = String::from_utf8(plain).ok()?;
        let (user, password) = plain.split_once(':')?;
        url.set_username(user).ok()?;
        url.set_password(Some(password)).ok()?;
    }
    Some(url)
}
