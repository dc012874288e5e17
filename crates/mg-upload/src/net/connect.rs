//! Making a connection: name and address, the way through a proxy, TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::BoxError;
use super::proxy::Rule;
use super::watch::making;
use crate::system::unacknowledged_for;

/// So long Linux waits for a peer that acknowledges nothing: sent bytes, and what begins a connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// A silent connection is asked for a sign of life this often, so many times.
const KEEPALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

/// Makes the connections of every pool.
#[derive(Clone)]
pub(super) struct Connector(Arc<Ways>);

struct Ways {
    tcp: HttpConnector,
    rule: Arc<Rule>,
    tls: Arc<ClientConfig>,
    /// Within it the proxy is spoken to, which may speak other protocols.
    tls_to_proxy: Arc<ClientConfig>,
    limit: Duration,
}

/// To a host or to a proxy, over TCP or TLS.
type Socket = MaybeHttpsStream<<HttpConnector as Service<Uri>>::Response>;
/// With the host's own TLS over it, where that is wanted.
type Connection = MaybeHttpsStream<Socket>;

impl Connector {
    /// All that making a connection takes together has the time `limit`.
    pub fn new(tls: ClientConfig, rule: Arc<Rule>, limit: Duration) -> Connector {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE.0));
        tcp.set_keepalive_interval(Some(KEEPALIVE.0));
        tcp.set_keepalive_retries(Some(KEEPALIVE.1));
        unacknowledged_for(&mut tcp, limit.max(UNACKNOWLEDGED));
        // Of several addresses each gets its share of it.
        tcp.set_connect_timeout(Some(limit));
        let mut tls_to_proxy = tls.clone();
        tls_to_proxy.alpn_protocols.clear();
        let (tls, tls_to_proxy) = (Arc::new(tls), Arc::new(tls_to_proxy));
        Connector(Arc::new(Ways { tcp, rule, tls, tls_to_proxy, limit }))
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let ways = Arc::clone(&self.0);
        Box::pin(making(async move {
            let connected = tokio::time::timeout(ways.limit, ways.connect(to)).await;
            connected.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        }))
    }
}

impl Ways {
    async fn connect(&self, to: Uri) -> Result<Connection, BoxError> {
        let socket = self.socket(to.clone()).await?;
        if to.scheme() != Some(&Scheme::HTTPS) {
            return Ok(MaybeHttpsStream::Http(socket));
        }
        let host = to.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned())?;
        let tls = TlsConnector::from(Arc::clone(&self.tls)).connect(name, TokioIo::new(socket)).await?;
        Ok(MaybeHttpsStream::Https(TokioIo::new(tls)))
    }

    async fn socket(&self, to: Uri) -> Result<Socket, BoxError> {
        let Some(proxy) = self.rule.proxy(&to) else {
            return Ok(MaybeHttpsStream::Http(self.tcp.clone().call(to).await?));
        };
        let connector = HttpsConnector::from((self.tcp.clone(), Arc::clone(&self.tls_to_proxy)));
        let mut tunnel = Tunnel::new(proxy.address, connector);
        if let Some(log_on) = proxy.log_on {
            tunnel = tunnel.with_auth(log_on);
        }
        Ok(tunnel.call(to).await?)
    }
}
