//! Which requests go through a proxy: settled once, when a client is made. The environment is read on the thread that makes
//! it and never again, for a host may change its variables at any time, and reading them meanwhile is a crash.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

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

/// Ways that the host program has found out: only the system itself can work out what a script (PAC) or WPAD says of a host.
#[derive(Debug, Default)]
pub(super) struct Routes(RwLock<HashMap<String, Option<Url>>>);

impl Routes {
    /// The proxy for a host, or for all that have none of their own where `host` is empty; an empty `proxy`: none.
    pub fn set(&self, host: &str, proxy: &str) -> Result<(), String> {
        let proxy = match proxy {
            "" => None,
            proxy => {
                named_only(proxy)?;
                Some(Url::parse(proxy).map_err(|_| UNUSABLE.to_owned())?)
            }
        };
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        routes.insert(host.to_ascii_lowercase(), proxy);
        Ok(())
    }

    /// The way to a host, where it is known.
    fn to(&self, host: &str) -> Option<Option<Url>> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.get(host).or_else(|| routes.get("")).cloned()
    }
}

/// The rule that all connections follow: through the proxy that is named, else as `routes` say, else through the system's;
/// never to the hosts of `direct`, a list as in `NO_PROXY`. INVARIANT: what may go without TLS, which is loopback only,
/// never leaves the machine.
pub(super) fn rule(named: Option<&ProxyOptions>, direct: &str, routes: Arc<Routes>) -> Result<Proxy, String> {
    let through = match named {
        Some(options) => named_only(&options.url)?,
        None => Matcher::from_system(),
    };
    let routes = named.is_none().then_some(routes);
    let direct = Matcher::builder().all("http://any").no(direct.to_owned()).build();
    let proxy = Proxy::custom(move |url| {
        if is_loopback(url) {
            return None;
        }
        let host = without_path(url)?;
        direct.intercept(&host)?;
        if let Some(way) = routes.as_ref().and_then(|routes| routes.to(url.host_str()?)) {
            return way;
        }
        address(&through.intercept(&host)?)
    });
    Ok(match named.and_then(|options| options.credentials.as_ref()) {
        Some((user, password)) => proxy.basic_auth(user, password.expose()),
        None => proxy,
    })
}

const UNUSABLE: &str = "the proxy's URL is unusable";

fn named_only(url: &str) -> Result<Matcher, String> {
    let matcher = Matcher::builder().all(url.to_owned()).build();
    match matcher.intercept(&Uri::from_static("https://graph.microsoft.com")) {
        Some(found) if matches!(found.uri().scheme_str(), Some("http" | "https")) => Ok(matcher),
        Some(_) => Err("the proxy's URL is neither http nor https".into()),
        None => Err(UNUSABLE.into()),
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
