//! One request and its answer: its turn at the host, the way there, what the answer asks of everybody, what is told of it.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;
use tracing::debug;

use crate::address::same_host;
use crate::client::Client;
use crate::client::silence::Line;
use crate::error::Error;
use crate::family::Family;
use crate::net::{Body, Method, Request, Transport, TransportError};
use crate::progress::Progress;
use crate::progress::events::{Event, GraphBody};
use crate::progress::pause::Pause;
use crate::response::Response;
use crate::secret::{Secret, redacted};
use crate::shown::{Secrets, visible};

impl<T: Transport> Client<T> {
    /// Waits for a request's turn at its host, as long as `may_wait` allows.
    pub(crate) async fn admit(
        &self,
        url: &str,
        progress: &Progress,
        may_wait: impl Fn(Duration) -> bool,
    ) -> Result<(), Error> {
        let allowed = |pause: Pause| {
            let left = pause.after;
            if may_wait(left) { Ok(()) } else { Err(Error::HostPaused { target: redacted(url), left }) }
        };
        let (turn, mut next) = self.gate.take_turn(url, allowed)?;
        while let Some(pause) = next {
            allowed(pause)?;
            progress.wait(pause).await;
            next = self.gate.until(url, turn);
        }
        Ok(())
    }

    /// Sends a request once, and gives up when nothing moves any more. What the service says of its failure comes back
    /// without the secrets of the request.
    pub(crate) async fn send(
        &self,
        mut request: Request,
        progress: &Progress,
        repeats: bool,
    ) -> Result<Response, TransportError> {
        // The HTTP library says the length of a body only where there is one, and some services insist.
        if matches!(request.method, Method::Post | Method::Put) && request.body.is_empty() {
            request.headers.push(("content-length".to_owned(), "0".to_owned()));
        }
        let note = Note::of(&request, &self.endpoint);
        let (began, line) = (Instant::now(), Line::of(&request, progress, self.idle_timeout));
        progress.request(repeats);
        let mut result = line.unless_silent(self.transport.send(request)).await;
        if let Ok(response) = &mut result {
            if let Some(date) = response.header("date") {
                self.clock.compare(date);
            }
            note.mask(response, self.token().as_ref());
        }
        match &result {
            Ok(response) => {
                debug!(method = note.method, target = note.target, status = response.status, "answered")
            }
            Err(error) => {
                debug!(method = note.method, target = note.target, fault = ?error.fault, "no answer")
            }
        }
        progress.tell(note.told(&result, began.elapsed()));
        result
    }
}

/// What is remembered of a request while it is on its way.
struct Note {
    url: Secret,
    is_graph: bool,
    method: &'static str,
    /// What may be shown of the URL.
    target: String,
    /// A token, the caller's own or the client's.
    token: Option<Secret>,
    range: Option<String>,
    client_request_id: Option<String>,
    body: Bytes,
}

impl Note {
    fn of(request: &Request, endpoint: &str) -> Note {
        let url = request.url.expose();
        // To Do's upload URLs lie on Graph's own host.
        let is_graph = same_host(url, endpoint) && Family::of_upload_url(url) != Family::Todo;
        let target =
            if is_graph { visible(url.split(['?', '#']).next().unwrap_or("")) } else { redacted(url) };
        let body = match &request.body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::None | Body::Stream(_) => Bytes::new(),
        };
        let header = |name| request.header(name).map(str::to_owned);
        Note {
            url: request.url.clone(),
            is_graph,
            method: request.method.name(),
            target,
            token: request
                .header("authorization")
                .map(|value| Secret::new(value.trim_start_matches("Bearer "))),
            range: header("content-range"),
            client_request_id: header("client-request-id"),
            body,
        }
    }

    /// Takes the request's secrets out of what an answer says. What a success holds is data, in which only a token has no
    /// business.
    fn mask(&self, response: &mut Response, token: Option<&Secret>) {
        let mut tokens: Vec<_> = self.token.iter().chain(token).map(Secret::expose).collect();
        tokens.dedup();
        let carried = urls_in(&self.body);
        let url = (!self.is_graph).then_some(self.url.expose());
        let urls = url.into_iter().chain(carried.iter().map(String::as_str));
        let secrets = Secrets::of(tokens.iter().copied(), urls);
        if secrets.may_be_in(&response.body) {
            let whole = Secrets::whole(tokens);
            let is_data = response.is_success() && response.is_object();
            let sought = if is_data { &whole } else { &secrets };
            if sought.may_be_in(&response.body) {
                sought.mask_body(&mut response.body);
            }
        }
        for (name, value) in &mut response.headers {
            // Where a redirect leads is followed, and cut to its host where it is shown.
            if name != "location" {
                secrets.mask(value);
            }
        }
    }

    fn told(&self, result: &Result<Response, TransportError>, time: Duration) -> Event {
        let (response, error) = (result.as_ref().ok(), result.as_ref().err());
        let of_graph = |bytes: &[u8]| (self.is_graph && !bytes.is_empty()).then(|| GraphBody::of(bytes));
        Event::Request {
            method: self.method,
            target: self.target.clone(),
            range: self.range.clone(),
            status: response.map(|response| response.status),
            fault: error.map(|error| error.fault),
            why: error.map(|error| visible(&error.source.to_string())),
            request_id: response.and_then(|response| response.header("request-id")).map(visible),
            client_request_id: self.client_request_id.as_deref().map(visible),
            millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            body: of_graph(&self.body),
            answer: response.and_then(|response| of_graph(&response.body)),
        }
    }
}

/// The URLs that a request carries: a commit names its upload URL.
fn urls_in(body: &[u8]) -> Vec<String> {
    // Read only where there may be one: JSON writes a solidus in three ways, two of which have a backslash.
    if !body.windows(3).any(|three| three == b"://") && !body.contains(&b'\\') {
        return Vec::new();
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Vec::new() };
    let urls = members.into_iter().filter_map(|(_, value)| match value {
        Value::String(text) if text.contains("://") => Some(text),
        _ => None,
    });
    urls.collect()
}
