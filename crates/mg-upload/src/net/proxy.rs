//! Which requests go through a proxy: settled once, when a client is made. The environment is read on the thread that makes
//! it and never again, for a host may change its variables at any time, and reading them meanwhile is a crash.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

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

/// A proxy, and what it is logged on to with.
#[derive(Debug, Clone)]
pub(super) struct Proxy {
    pub address: Uri,
    pub log_on: Option<HeaderValue>,
}

impl From<Intercept> for Proxy {
    fn from(found: Intercept) -> Proxy {
        Proxy { address: found.uri().clone(), log_on: found.basic_auth().cloned() }
    }
}

/// The rule that all connections follow.
pub(super) struct Rule {
    direct: Matcher,
    named: Option<Proxy>,
    told: Told,
    system: Matcher,
}

/// Ways that the host program has found out: only the system itself can work out what a script (PAC) or WPAD says of a host.
type Told = RwLock<HashMap<String, Option<Proxy>>>;

impl Rule {
    /// Through the proxy that is named, else as the host program has told, else through the system's; never to the hosts of
    /// `direct`, a list as in `NO_PROXY`.
    pub fn new(named: Option<&ProxyOptions>, direct: &str) -> Result<Rule, String> {
        Ok(Rule {
            // Told by all hosts but those.
            direct: Matcher::builder().all("http://any").no(direct.to_owned()).build(),
            named: named.map(with_credentials).transpose()?,
            told: RwLock::default(),
            system: if named.is_some() { Matcher::builder().build() } else { Matcher::from_system() },
        })
    }

    /// Tells the proxy for a host, or for all that have none of their own where `host` is empty; an empty `proxy`: none.
    pub fn tell(&self, host: &str, proxy: &str) -> Result<(), String> {
        let proxy = if proxy.is_empty() { None } else { Some(at(proxy)?) };
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        told.insert(host.to_ascii_lowercase(), proxy);
        Ok(())
    }

    /// The proxy that a connection to this address goes through. INVARIANT: what may go without TLS, which is loopback only,
    /// never leaves the machine.
    pub fn proxy(&self, to: &Uri) -> Option<Proxy> {
        let host = to.host()?;
        if is_loopback(host) {
            return None;
        }
        self.direct.intercept(to)?;
        if self.named.is_some() {
            return self.named.clone();
        }
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        match told.get(host).or_else(|| told.get("")) {
            Some(way) => way.clone(),
            None => self.system.intercept(to).map(Proxy::from),
        }
    }
}

/// The proxy at a URL, which may have a name and a password in it.
fn at(url: &str) -> Result<Proxy, String> {
    let matcher = Matcher::builder().all(url.to_owned()).build();
    match matcher.intercept(&Uri::from_static("https://graph.microsoft.com")) {
        Some(found) if matches!(found.uri().scheme_str(), Some("http" | "https")) => Ok(found.into()),
        Some(_) => Err("the proxy's URL is neither http nor https".into()),
        None => Err(UNUSABLE.into()),
    }
}

const UNUSABLE: &str = "the proxy's URL is unusable";

fn with_credentials(options: &ProxyOptions) -> Result<Proxy, String> {
    let mut proxy = at(&options.url)?;
    if let Some((user, password)) = &options.credentials {
        let plain = BASE64_STANDARD.encode(format!("{user}:{}", password.expose()));
        let mut log_on =
            HeaderValue::try_from(format!("Basic {plain}")).map_err(|error| error.to_string())?;
        log_on.set_sensitive(true);
        proxy.log_on = Some(log_on);
    }
    Ok(proxy)
}
