//! Who takes part, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::files::FileSet;
use crate::places;

/// The reference's buffers: of 256, 512, 640, 768, 896 KiB, 1 MiB and a chunk those with which 1 GiB took it least time.
const FASTEST_PLAIN: u64 = 768 * 1024;
const FASTEST_OVER_TLS: u64 = 256 * 1024;

/// A program, or a way of using PowerShell, that uploads files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// The least that a program has to do, through the buffer that is fastest for it: what ours is judged by.
    Sockets,
    /// The same, a whole chunk read and then sent.
    SocketsWhole,
    /// `examples/upload.c`.
    Example,
    /// `examples/upload.c`, the files' folder as one operation.
    Tree,
    /// `Send-MgUploadSession`.
    Module,
    /// `Send-MgUploadItem` of the files' folder.
    ModuleTree,
    /// `HttpClient` from a script, each chunk a stream.
    HttpClient,
    /// The loop that most scripts have.
    InvokeRestMethod,
    /// The same in `ForEach-Object -Parallel`.
    InvokeRestMethodParallel,
    /// curl, once a chunk.
    Curl,
    /// `Import-Module MgUpload`.
    ImportModule,
    /// `Import-Module` of a binary module that has nothing in it.
    ImportEmpty,
}

/// What is uploaded, where to, and how.
pub struct Job<'a> {
    pub graph: &'a str,
    pub certificate: Option<&'a Path>,
    pub chunk: u64,
    pub parallel: usize,
    /// Whether the destination is only looked through.
    pub looks: bool,
    pub files: FileSet,
    /// The folder that has these files and no others.
    pub folder: &'a Path,
    /// Where our client keeps its records.
    pub state: &'a Path,
    /// The PowerShell, as it is started.
    pub pwsh: Option<&'a Path>,
}

impl Contender {
    /// What it is called in files and options.
    pub fn key(self) -> &'static str {
        match self {
            Contender::Sockets => "sockets",
            Contender::SocketsWhole => "sockets-whole",
            Contender::Example => "c-example",
            Contender::Tree => "c-tree",
            Contender::Module => "module",
            Contender::ModuleTree => "module-tree",
            Contender::HttpClient => "http-client",
            Contender::InvokeRestMethod => "invoke-restmethod",
            Contender::InvokeRestMethodParallel => "invoke-restmethod-parallel",
            Contender::Curl => "curl",
            Contender::ImportModule => "import-mgupload",
            Contender::ImportEmpty => "import-empty",
        }
    }

    /// What it is called in tables.
    pub fn title(self) -> &'static str {
        match self {
            Contender::Sockets => "bare blocking sockets",
            Contender::SocketsWhole => "the same, a chunk at once",
            Contender::Example => "MgUpload from C",
            Contender::Tree => "MgUpload from C, as a tree",
            Contender::Module => "MgUpload in PowerShell",
            Contender::ModuleTree => "Send-MgUploadItem",
            Contender::HttpClient => "HttpClient, streamed",
            Contender::InvokeRestMethod => "Invoke-RestMethod loop",
            Contender::InvokeRestMethodParallel => "the same, ForEach -Parallel",
            Contender::Curl => "curl loop",
            Contender::ImportModule => "Import-Module MgUpload",
            Contender::ImportEmpty => "Import-Module of an empty one",
        }
    }

    /// Whether it is this project's.
    pub fn is_ours(self) -> bool {
        use Contender::{Example, ImportModule, Module, ModuleTree, Tree};
        matches!(self, Example | Tree | Module | ModuleTree | ImportModule)
    }

    /// Whether it takes a PowerShell.
    pub fn needs_pwsh(self) -> bool {
        use Contender::{Curl, Example, Sockets, SocketsWhole, Tree};
        !matches!(self, Sockets | SocketsWhole | Example | Tree | Curl)
    }

    /// The program with its arguments. A job without files gives the program when it has nothing
    /// to do, and ends with 0 or, for its command line, with 2.
    pub fn command(self, job: &Job<'_>) -> Result<Command, Failure> {
        let mut command = match self {
            Contender::Sockets if job.looks => {
                let mut command = Command::new(places::beside("sockets")?);
                command.args(["--graph", job.graph, "--token", &token(), "--drive", "d", "--list"]);
                command
            }
            Contender::Sockets if job.certificate.is_some() => sockets(job, FASTEST_OVER_TLS)?,
            Contender::Sockets => sockets(job, FASTEST_PLAIN)?,
            Contender::SocketsWhole => sockets(job, job.chunk)?,
            Contender::Example => native(&places::built("tools/upload")?, job),
            Contender::Tree => tree(&places::built("tools/upload")?, job),
            Contender::Module => script("module.ps1", job, &[module()?.as_path()])?,
            Contender::ModuleTree => tree_script("module-tree.ps1", job, &[module()?.as_path()])?,
            Contender::HttpClient => script("http-client.ps1", job, &[])?,
            Contender::InvokeRestMethod => script("invoke-restmethod.ps1", job, &[])?,
            Contender::InvokeRestMethodParallel => tree_script("invoke-restmethod-parallel.ps1", job, &[])?,
            Contender::Curl => {
                let mut command = Command::new("bash");
                command
                    .arg(places::script("curl.sh"))
                    .arg(job.graph)
                    .arg(job.chunk.to_string())
                    .args(job.files.paths(job.folder));
                command
            }
            Contender::ImportModule => {
                let mut command = powershell(job)?;
                command.arg(places::script("import.ps1")).arg(module()?);
                command
            }
            Contender::ImportEmpty => {
                let mut command = powershell(job)?;
                command
                    .arg(places::script("import.ps1"))
                    .arg(places::built("bench/empty-module/EmptyModule.dll")?);
                command
            }
        };
        command.env("BENCH_TOKEN", token());
        command.env("MGUPLOAD_STATE", job.state).env("NO_PROXY", "127.0.0.1,localhost");
        command
            .env("POWERSHELL_TELEMETRY_OPTOUT", "1")
            .env("POWERSHELL_UPDATECHECK", "Off")
            .env("NO_COLOR", "1");
        if let Some(certificate) = job.certificate {
            command.env("SSL_CERT_FILE", certificate).env("CURL_CA_BUNDLE", certificate);
        }
        Ok(command)
    }
}

/// A token as long as those of the service, which are looked for in all that it answers. Scripts have it as `BENCH_TOKEN`.
fn token() -> String {
    let characters = |count: usize| -> String {
        ('a'..='z').chain('A'..='Z').chain('0'..='9').cycle().step_by(37).take(count).collect()
    };
    format!("eyJ{}.eyJ{}.{}", characters(130), characters(1600), characters(342))
}

fn module() -> Result<PathBuf, Failure> {
    places::built("MgUpload/MgUpload.psd1")
}

fn sockets(job: &Job<'_>, buffer: u64) -> Result<Command, Failure> {
    let mut command = native(&places::beside("sockets")?, job);
    command.arg("--buffer").arg(buffer.to_string());
    Ok(command)
}

/// The command line that `examples/upload.c` and the reference share.
fn native(program: &Path, job: &Job<'_>) -> Command {
    let mut command = Command::new(program);
    if job.files.count > 0 {
        command.args(["--graph", job.graph, "--token", &token(), "--user", "u", "--drive", "d", "--quiet"]);
        command.arg("--chunk").arg(job.chunk.to_string()).arg("--parallel").arg(job.parallel.to_string());
        command.args(job.files.paths(job.folder));
    } else {
        // A bad command line: what was loaded by then is the idle process. What it says is of interest if it is more.
        command.stderr(std::process::Stdio::piped());
    }
    command
}

/// The same, with the files' folder in their place.
fn tree(program: &Path, job: &Job<'_>) -> Command {
    if job.files.count == 0 {
        return native(program, job);
    }
    let mut command = Command::new(program);
    command.args(["--graph", job.graph, "--token", &token(), "--drive", "d", "--quiet"]);
    if job.looks {
        command.arg("--dry-run");
    }
    command.arg("--parallel").arg(job.parallel.to_string()).arg("--tree").arg(job.folder);
    command
}

/// A script that takes the files' folder, and how many it may send at once.
fn tree_script(name: &str, job: &Job<'_>, first: &[&Path]) -> Result<Command, Failure> {
    let mut command = powershell(job)?;
    command.arg(places::script(name)).args(first).arg(job.graph).arg(job.parallel.to_string());
    if job.files.count > 0 {
        command.arg(job.folder);
    }
    Ok(command)
}

fn script(name: &str, job: &Job<'_>, first: &[&Path]) -> Result<Command, Failure> {
    let mut command = powershell(job)?;
    command
        .arg(places::script(name))
        .args(first)
        .arg(job.graph)
        .arg(job.chunk.to_string())
        .args(job.files.paths(job.folder));
    Ok(command)
}

fn powershell(job: &Job<'_>) -> Result<Command, Failure> {
    let pwsh = job.pwsh.ok_or("there is no PowerShell")?;
    let mut command = if pwsh.extension().is_some_and(|extension| extension == "dll") {
        let mut command = Command::new("dotnet");
        command.arg(pwsh);
        command
    } else {
        Command::new(pwsh)
    };
    command.args(["-NoLogo", "-NoProfile", "-NonInteractive", "-File"]);
    Ok(command)
}
