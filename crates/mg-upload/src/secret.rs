//! Texts that must not be shown: tokens and upload URLs.

use std::fmt;

use crate::shown::visible;

/// A text that `Debug` hides and that has no `Display`; reading it takes a call that can be searched for.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The hidden text, to be sent and to nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What may be shown of any URL: scheme, host and port. Path and query of an upload URL both carry credentials.
pub fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "…".into() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    visible(&format!("{scheme}://{host}/…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_host_is_shown() {
        assert_eq!(
            redacted("https://c.sharepoint.com/p/u?guid='g'&tempauth=abc"),
            "https://c.sharepoint.com/…"
        );
        assert_eq!(redacted("https://user:pass@h:8443?q"), "https://h:8443/…");
        for (url, shown) in [
            ("http://h/secret", "http://h/…"),
            ("https://h#secret@x", "https://h/…"),
            ("https://h/a@b/secret", "https://h/…"),
            ("https://secret@h/", "https://h/…"),
            ("https://a@secret@h/", "https://h/…"),
            ("https://[::1]:8443/secret", "https://[::1]:8443/…"),
            ("https://", "https:///…"),
            ("no url: secret", "…"),
            ("", "…"),
        ] {
            assert_eq!(redacted(url), shown, "{url}");
        }
        assert_eq!(format!("{:?}", Secret::new("abc")), "Secret(…)");
    }
}
