//! The stand-in as a program; see the README.
#![forbid(unsafe_code)]

mod shell;
mod tls;
mod wire;

use graph_standin::{Config, Endpoints, Listener, Service};
use std::{error::Error, io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode};
use tokio::net::{TcpListener, TcpSocket};

const USAGE: &str = "graph-standin [--port-graph 0] [--port-upload 0] [--port-control 0] [--config FILE.json] [--sink] [--tls DIR]";

#[derive(Default)]
struct Options {
    ports: [u16; 3],
    config: Config,
    tls: Option<PathBuf>,
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    use lexopt::prelude::{Long, ValueExt as _};
    let (mut options, mut sink) = (Options::default(), false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port-graph") => options.ports[0] = parser.value()?.parse()?,
            Long("port-upload") => options.ports[1] = parser.value()?.parse()?,
            Long("port-control") => options.ports[2] = parser.value()?.parse()?,
            Long("config") => {
                let file = PathBuf::from(parser.value()?);
                let text = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
                options.config =
                    serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", file.display()))?;
            }
            Long("sink") => sink = true,
            Long("tls") => options.tls = Some(parser.value()?.into()),
            Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    options.config.sink |= sink;
    Ok(Some(options))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("graph-standin: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(options)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("graph-standin: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let tls = options.tls.as_deref().map(tls::acceptor).transpose()?;
    let sink = options.config.sink;
    let [graph, upload, control] = options.ports;
    let (graph, upload, control) = (listen(graph)?, listen(upload)?, listen(control)?);
    let url = |socket: &TcpListener, tls: bool| -> std::io::Result<String> {
        let port = socket.local_addr()?.port();
        Ok(if tls { format!("https://localhost:{port}") } else { format!("http://127.0.0.1:{port}") })
    };
    let endpoints = Endpoints { graph: url(&graph, tls.is_some())?, upload: url(&upload, tls.is_some())? };
    let ready = serde_json::json!({
        "graph": endpoints.graph, "upload": endpoints.upload, "control": url(&control, false)?
    });
    let service = Service::new(options.config, endpoints, shell::now_millis());
    let shared = shell::Shared::new(service, sink);
    tokio::spawn(shell::serve(graph, Listener::Graph, shared.clone(), tls.clone()));
    tokio::spawn(shell::serve(upload, Listener::Upload, shared.clone(), tls));
    tokio::spawn(shell::serve_control(control, shared));
    let mut out = std::io::stdout();
    writeln!(out, "{ready}")?;
    out.flush()?;
    until_stdin_closes();
    Ok(())
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    socket.listen(1024)
}

/// Blocks until whoever started this has closed the pipe; for ever when stdin is no pipe.
fn until_stdin_closes() {
    if stdin_is_pipe() {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    } else {
        loop {
            std::thread::park();
        }
    }
}

#[cfg(unix)]
fn stdin_is_pipe() -> bool {
    use std::os::{fd::AsFd as _, unix::fs::FileTypeExt as _};
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let kind = stdin.and_then(|file| file.metadata()).map(|data| data.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
}

#[cfg(not(unix))]
fn stdin_is_pipe() -> bool {
    use std::io::IsTerminal as _;
    !std::io::stdin().is_terminal()
}
