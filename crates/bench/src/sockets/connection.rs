//! One HTTP/1.1 connection, plain or over TLS.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Failure = Box<dyn Error + Send + Sync>;

/// The parts of a URL that a request needs.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Target<'u> {
    pub tls: bool,
    /// Host and port.
    pub authority: &'u str,
    /// Path and query.
    pub path: &'u str,
}

impl<'u> Target<'u> {
    pub fn of(url: &'u str) -> Result<Target<'u>, Failure> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{url} is no URL"))?;
        let at = rest.find('/').unwrap_or(rest.len());
        Ok(Target { tls: scheme == "https", authority: &rest[..at], path: &rest[at..] })
    }
}

/// Makes connections; TLS is set up when the first one needs it.
#[derive(Default)]
pub struct Connector {
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Connector {
    pub fn connect(&self, target: Target<'_>) -> Result<Connection, Failure> {
        let socket = TcpStream::connect(target.authority)?;
        socket.set_nodelay(true)?;
        let stream = if target.tls {
            let config = match self.tls.get() {
                Some(config) => Arc::clone(config),
                None => Arc::clone(self.tls.get_or_init({
                    let config = trusting(&std::env::var("SSL_CERT_FILE")?)?;
                    move || config
                })),
            };
            let host = target.authority.rsplit_once(':').map_or(target.authority, |(host, _)| host);
            let name = ServerName::try_from(host.to_owned())?;
            Stream::Tls(Box::new(StreamOwned::new(ClientConnection::new(config, name)?, socket)))
        } else {
            Stream::Plain(socket)
        };
        Ok(Connection { stream, read: Vec::new() })
    }
}

/// TLS that trusts the certificates of that file.
fn trusting(file: &str) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

pub struct Connection {
    stream: Stream,
    read: Vec<u8>,
}

impl Connection {
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes),
        }
    }

    /// The answer's status and body.
    pub fn answer(&mut self) -> Result<(u16, Vec<u8>), Failure> {
        if let Stream::Tls(stream) = &mut self.stream {
            stream.flush()?;
        }
        let head = loop {
            if let Some(at) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let (status, length) = read_head(std::str::from_utf8(&self.read[..head])?)?;
        while self.read.len() < head + length {
            self.fill()?;
        }
        let body = self.read[head..head + length].to_vec();
        self.read.drain(..head + length);
        Ok((status, body))
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut space = [0; 16 * 1024];
        let count = match &mut self.stream {
            Stream::Plain(stream) => stream.read(&mut space)?,
            Stream::Tls(stream) => stream.read(&mut space)?,
        };
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read.extend_from_slice(&space[..count]);
        Ok(())
    }
}

/// Status and Content-Length of an answer's head.
fn read_head(head: &str) -> Result<(u16, usize), Failure> {
    let status = head.split(' ').nth(1).ok_or("an answer without a status")?.parse()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.trim().parse())?;
    Ok((status, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_parts() {
        let target = Target::of("https://localhost:4000/a/b?c=d").unwrap();
        assert_eq!(target, Target { tls: true, authority: "localhost:4000", path: "/a/b?c=d" });
        let target = Target::of("http://127.0.0.1:1").unwrap();
        assert_eq!(target, Target { tls: false, authority: "127.0.0.1:1", path: "" });
        assert!(Target::of("nonsense").is_err());
    }

    #[test]
    fn a_head_has_a_status_and_a_length() {
        assert_eq!(read_head("HTTP/1.1 202 Accepted\r\ncontent-length: 7\r\n\r\n").unwrap(), (202, 7));
        assert_eq!(read_head("HTTP/1.1 204 No Content\r\n\r\n").unwrap(), (204, 0));
        assert!(read_head("nonsense").is_err());
    }
}
