//! The one loop in which every request is sent, and sent again while that is safe and may help. What differs between the
//! requests is in their [`Call`] and in the [`Patience`] of whoever makes it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::Client;
use super::patience::{Few, Patience};
use crate::address::same_host;
use crate::error::graph_error::GraphError;
use crate::error::{Error, Refusal, Trail};
use crate::net::{Body, Method, Request, StreamBody, Transport, TransportError};
use crate::progress::Progress;
use crate::progress::pause::Pause;
use crate::protocol::backoff::{backoff, pace};
use crate::protocol::verdict::{Purpose, Verdict, silence, verdict};
use crate::response::{Response, header_in};
use crate::secret::{Secret, redacted};

/// Redirects of one request that are followed, and only within the same host.
const REDIRECTS: u32 = 3;

/// One request that may be repeated.
pub(crate) struct Call<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(String, String)],
    pub body: Content<'a>,
    pub with_token: bool,
    pub purpose: Purpose,
}

/// A body that can be sent again.
#[derive(Clone)]
pub(crate) enum Content<'a> {
    None,
    Bytes(Bytes),
    /// Makes the body anew for each attempt.
    Stream(&'a (dyn Fn() -> StreamBody + Sync)),
}

/// What an attempt has met that was sent and brought no success.
#[derive(Debug)]
pub(crate) struct Setback {
    pub verdict: Verdict,
    pub error: Error,
}

impl Call<'_> {
    /// Reads something of Graph's.
    pub fn look(url: &str) -> Call<'_> {
        Call { with_token: true, ..Call::bare(Method::Get, url, Purpose::Look) }
    }

    /// A request without anything but its URL.
    pub fn bare(method: Method, url: &str, purpose: Purpose) -> Call<'_> {
        Call { method, url, headers: &[], body: Content::None, with_token: false, purpose }
    }

    fn body(&self) -> Body {
        match &self.body {
            Content::None => Body::None,
            Content::Bytes(bytes) => Body::Bytes(bytes.clone()),
            Content::Stream(make) => Body::Stream(make()),
        }
    }

    fn gives(&self, header: &str) -> bool {
        header_in(self.headers, header).is_some()
    }
}

impl<T: Transport> Client<T> {
    /// Sends a request to Graph, or one without a body to a session.
    pub(crate) async fn call(&self, call: Call<'_>, progress: &Progress) -> Result<(Response, Trail), Error> {
        let mut patience = Few::new(progress);
        let response = self.exchange(&call, &mut patience).await?.map_err(|setback| setback.error)?;
        Ok((response, self.trail(&call, &patience)))
    }

    /// Sends a request until it succeeds, or `patience` ends. What it fails with otherwise kept it from being sent.
    pub(crate) async fn exchange(
        &self,
        call: &Call<'_>,
        patience: &mut impl Patience,
    ) -> Result<Result<Response, Setback>, Error> {
        let (mut url, mut redirects, mut was_refused) = (Cow::Borrowed(call.url), 0, false);
        loop {
            let is_ours = self.clear(call, &url, patience).await?;
            let version = self.tokens.version();
            let request = self.request(call, &url)?;
            let repeats = patience.begin();
            let result = self.send(request, patience.progress(), repeats).await;
            let (setback, retry_after) = match result {
                Ok(response) => {
                    let retry_after = self.mind_limits(&url, &response);
                    if response.is_success() {
                        return Ok(Ok(response));
                    }
                    // Once: a service that refuses the new one too means something else.
                    if response.status == 401
                        && is_ours
                        && !std::mem::replace(&mut was_refused, true)
                        && self.tokens.replaced(version, &response, patience.progress()).await
                    {
                        continue;
                    }
                    let graph = GraphError::parse(&response.body);
                    let verdict = verdict(call.purpose, response.status, &graph, patience.is_old());
                    if redirects < REDIRECTS
                        && let Some(target) = elsewhere(call, verdict, &response, &url)
                    {
                        redirects += 1;
                        url = Cow::Owned(target);
                        continue;
                    }
                    let trail = self.trail(call, patience);
                    let refusal = Box::new(Refusal { response, graph, trail, retry_after });
                    (Setback { verdict, error: Error::Refused(refusal) }, retry_after)
                }
                Err(TransportError { fault, source }) => {
                    let error = Error::Unreachable { trail: self.trail(call, patience), fault, source };
                    (Setback { verdict: silence(call.purpose, fault), error }, None)
                }
            };
            if setback.verdict == (Verdict::Passing { renew: true }) {
                self.transport.renew();
            }
            match patience.again(setback.verdict, retry_after, fastrand::f64()) {
                Some(after) => {
                    patience.pause(Pause::after(&setback.error, after), setback.error).await?;
                }
                None => return Ok(Err(setback)),
            }
        }
    }

    /// Waits until a request may go out, with a token where it takes the client's own; whether it does.
    async fn clear(&self, call: &Call<'_>, url: &str, patience: &impl Patience) -> Result<bool, Error> {
        // What frees the service of a session never waits.
        if call.method != Method::Delete {
            self.admit(url, patience.progress(), |after| patience.may_wait(after)).await?;
        }
        let is_ours = self.takes_token(call, url);
        if is_ours {
            self.tokens.ready(patience.progress()).await;
        }
        Ok(is_ours)
    }

    /// Whether the client's own token goes along.
    fn takes_token(&self, call: &Call<'_>, url: &str) -> bool {
        call.with_token && same_host(url, &self.endpoint) && !call.gives("authorization")
    }

    fn request(&self, call: &Call<'_>, url: &str) -> Result<Request, Error> {
        let mut headers = self.headers(url, call.with_token)?;
        headers.retain(|(own, _)| !call.gives(own));
        headers.extend_from_slice(call.headers);
        let watch = Arc::default();
        Ok(Request { method: call.method, url: Secret::new(url), headers, body: call.body(), watch })
    }

    fn trail(&self, call: &Call<'_>, patience: &impl Patience) -> Trail {
        let (attempts, since) = patience.tried();
        Trail {
            method: call.method.name(),
            target: redacted(call.url),
            with_token: self.takes_token(call, call.url) || call.gives("authorization"),
            attempts,
            elapsed: since.elapsed(),
        }
    }

    /// Has everybody keep the pause, or the pace, that an answer asks for; the pause.
    fn mind_limits(&self, url: &str, response: &Response) -> Option<Duration> {
        let asked = self.retry_after(response);
        match (response.status, asked) {
            (429, _) => {
                let after = asked.unwrap_or_else(|| backoff(1, fastrand::f64()));
                self.gate.close(url, Pause::asked_for(429, after));
            }
            (status @ 500..=599, Some(after)) => self.gate.close(url, Pause::asked_for(status, after)),
            _ => {}
        }
        let number = |name| response.header(name).and_then(|value| value.trim().parse().ok());
        if let (Some(remaining), Some(reset)) = (number("ratelimit-remaining"), number("ratelimit-reset")) {
            let (apart, window) = pace(remaining, reset);
            self.gate.space(url, apart, window);
        }
        asked
    }
}

/// Where a request is moved to. Where a fragment is, that is as opaque as its upload URL: the upload's own affair.
fn elsewhere(call: &Call<'_>, verdict: Verdict, response: &Response, from: &str) -> Option<String> {
    let follows = verdict == Verdict::Moved && call.purpose != Purpose::Put;
    if follows { redirect(response, from) } else { None }
}

/// Where a redirect within the same host leads.
fn redirect(response: &Response, from: &str) -> Option<String> {
    let target = url::Url::parse(from).ok()?.join(response.header("location")?).ok()?;
    same_host(from, target.as_str()).then(|| target.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_within_a_host() {
        let from = "https://h/a/b?c";
        for (status, location, target) in [
            (301, Some("https://h/x"), Some("https://h/x")),
            (302, Some("/x?y"), Some("https://h/x?y")),
            (307, Some("x"), Some("https://h/a/x")),
            (308, Some("https://h:443/x"), Some("https://h/x")),
            (307, Some("https://h:444/x"), None),
            (307, Some("http://h/x"), None),
            (307, Some("https://i/x"), None),
            (307, Some("//i/x"), None),
            (307, None, None),
        ] {
            let headers = location.map(|to| ("Location".to_owned(), to.to_owned())).into_iter().collect();
            let response = Response { status, headers, body: vec![] };
            assert_eq!(redirect(&response, from).as_deref(), target, "{status} {location:?}");
        }
    }
}
