//! HTTP/1.1 around the service: just enough of it, so that connections can be cut at any byte.

use crate::wire::{self, Io, Wire};
use graph_standin::{Answer, End, Fault, Head, Listener, Reply, Service, control};
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The service, shared by all connections.
#[derive(Clone)]
pub(crate) struct Shared {
    service: Arc<Mutex<Service>>,
    sink: bool,
}

impl Shared {
    pub(crate) fn new(service: Service, sink: bool) -> Self {
        Self { service: Arc::new(Mutex::new(service)), sink }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn now_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Serves one of the two listeners.
pub(crate) async fn serve(socket: TcpListener, listener: Listener, shared: Shared, tls: Option<TlsAcceptor>) {
    loop {
        let Ok((stream, _)) = socket.accept().await else { continue };
        let (shared, tls) = (shared.clone(), tls.clone());
        tokio::spawn(async move {
            // A client that goes away is no error of ours.
            let _ = connection(stream, listener, shared, tls).await;
        });
    }
}

/// Serves the control listener.
pub(crate) async fn serve_control(socket: TcpListener, shared: Shared) {
    loop {
        let Ok((stream, _)) = socket.accept().await else { continue };
        let shared = shared.clone();
        tokio::spawn(async move {
            let mut wire = Wire::new(Io::Plain(stream), wire::BUFFER);
            while let Ok(Some(head)) = wire.head(Listener::Graph).await {
                let Ok(body) = wire.whole_body(&head).await else { return };
                let path = head.path().to_owned();
                let reply = control(&mut shared.lock(), &head.method, &path, &body);
                let answer = match reply {
                    Reply::Json(status, value) => Answer::json(status, &value),
                    Reply::Bytes(body) => Answer { body, ..Answer::empty(200) },
                };
                let bytes = wire::encode(&answer, head.method == "HEAD");
                if wire.write(&bytes).await.is_err() || wire::wants_close(&head) {
                    return;
                }
            }
        });
    }
}

async fn connection(
    stream: TcpStream,
    listener: Listener,
    shared: Shared,
    tls: Option<TlsAcceptor>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let io = match tls {
        Some(tls) => Io::Tls(Box::new(tls.accept(stream).await?)),
        None => Io::Plain(stream),
    };
    let mut wire = Wire::new(io, if shared.sink { wire::SINK_BUFFER } else { wire::BUFFER });
    loop {
        let head = match wire.head(listener).await {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return wire.write(&wire::encode(&Answer::unusable(), false)).await;
            }
            Err(error) => return Err(error),
        };
        let close = wire::wants_close(&head);
        match exchange(&mut wire, head, &shared).await? {
            true if !close => {}
            _ => return Ok(()),
        }
    }
}

/// One request and its answer. True when the connection may go on.
async fn exchange(wire: &mut Wire, head: Head, shared: &Shared) -> io::Result<bool> {
    let (head_only, chunked) = (head.method == "HEAD", wire::is_chunked(&head));
    let mut exchange = shared.lock().begin(head.clone(), now_millis());
    let limit = exchange.body_limit();
    if wire::expects_continue(&head) && limit != Some(0) {
        wire.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let taken = if chunked {
        wire.whole_body(&head).await.map(|body| exchange.push(&body))
    } else {
        let length = head.content_length().unwrap_or(0).min(limit.unwrap_or(u64::MAX));
        let wants = exchange.wants_bytes();
        let take =
            |bytes: &[u8]| if wants { exchange.push(bytes) } else { exchange.count(bytes.len() as u64) };
        wire.body(length, take).await
    };
    let unasked = matches!(exchange.fault(), Some(Fault::Continue));
    if let Err(error) = taken {
        shared.lock().abandon(exchange, now_millis());
        return Err(error);
    }
    let delivery = shared.lock().finish(exchange, now_millis());
    if unasked {
        wire.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let bytes = wire::encode(&delivery.answer, head_only);
    match delivery.end {
        End::Whole => wire.write(&bytes).await.map(|()| true),
        End::Reset => wire.reset().map(|()| false),
        End::Half => wire.write(&bytes[..bytes.len() / 2]).await.map(|()| false),
        End::ThenClose => wire.write(&bytes).await.map(|()| false),
        End::After(millis) => {
            // A client that hangs up while it waits ends the wait.
            if wire.hung_up_within(Duration::from_millis(millis)).await {
                return Ok(false);
            }
            wire.write(&bytes).await.map(|()| true)
        }
    }
}
