//! Runs a program to its end, and takes from the operating system what it cost.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Failure;

/// What one run of a program cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seconds from its start to its end.
    pub wall: f64,
    /// Seconds of processor time, the kernel's on its behalf included, and those of programs that it ran.
    pub cpu: f64,
    /// The most memory that it, or a program that it ran, held at once, in MiB.
    pub peak: f64,
    /// Seconds by its own clock, without its start, where it tells them.
    pub inside: Option<f64>,
}

impl Sample {
    /// The seconds to compare by.
    pub fn seconds(&self) -> f64 {
        self.inside.unwrap_or(self.wall)
    }
}

/// How a program ended.
pub struct Ended {
    pub status: i32,
    pub output: String,
    pub sample: Sample,
}

/// Forgets how much memory this program has held at most: on Linux a child begins with its parent's figure, in which is also what
/// the allocator has not given back. Elsewhere there is nothing to forget.
pub fn forget_peak() -> std::io::Result<()> {
    give_back();
    if cfg!(target_os = "linux") { std::fs::write("/proc/self/clear_refs", "5") } else { Ok(()) }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "it is the C library's")]
fn give_back() {
    // SAFETY: it may be called at any time, by any thread.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}

/// Runs a program. Its stderr stays visible, unless `command` pipes it: then it follows the output.
pub fn run(mut command: Command) -> Result<Ended, Failure> {
    // Where it cannot, `run::run` has said so.
    let _ = forget_peak();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
    let mut output = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut output)?;
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut output)?;
    }
    let usage = reap(&mut child)?;
    let wall = start.elapsed().as_secs_f64();
    let inside = output.lines().last().and_then(own_seconds);
    let sample = Sample { wall, cpu: usage.cpu, peak: usage.peak, inside };
    Ok(Ended { status: usage.status, output, sample })
}

/// The seconds that a script writes as its last line: `{"seconds":1.5}`.
fn own_seconds(line: &str) -> Option<f64> {
    serde_json::from_str::<serde_json::Value>(line).ok()?["seconds"].as_f64()
}

struct Usage {
    status: i32,
    cpu: f64,
    peak: f64,
}

/// Waits for the child with wait4, which tells the usage of this one child; the standard library's wait does not.
#[cfg(unix)]
#[expect(unsafe_code, reason = "wait4 has no safe form here")]
fn reap(child: &mut std::process::Child) -> Result<Usage, Failure> {
    let process = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    // SAFETY: rusage is a C struct of integers, for which zeros are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the types that wait4 writes.
    let ended = unsafe { libc::wait4(process, &raw mut status, 0, &raw mut usage) };
    if ended != process {
        return Err(std::io::Error::last_os_error().into());
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 }; // bytes there, KiB elsewhere
    Ok(Usage {
        status: if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 },
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak: usage.ru_maxrss as f64 * unit / (1 << 20) as f64,
    })
}

#[cfg(not(unix))]
fn reap(_: &mut std::process::Child) -> Result<Usage, Failure> {
    Err("the benchmark takes a program's cost from wait4, which only Unix has".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_tells_its_own_seconds() {
        assert_eq!(own_seconds(r#"{"seconds":1.5}"#), Some(1.5));
        assert_eq!(own_seconds("done"), None);
    }

    #[test]
    #[cfg(unix)]
    fn a_program_is_run_and_paid_for() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"echo '{"seconds":0.25}'; exit 3"#]);
        let ended = run(command).unwrap();
        assert_eq!((ended.status, ended.sample.seconds()), (3, 0.25));
        assert!(ended.sample.wall > 0.0 && ended.sample.cpu >= 0.0 && ended.sample.peak > 0.1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_this_program_once_held_is_not_its_childs() {
        let held = vec![1_u8; 64 << 20];
        assert_eq!(held.iter().map(|one| usize::from(*one)).sum::<usize>(), 64 << 20);
        drop(held);
        // Small things, of which the last one stays: the allocator keeps the room of the others.
        let mut small: Vec<Box<[u8]>> = (0..1 << 19).map(|_| vec![1; 128].into()).collect();
        let last = small.pop();
        drop(small);
        // What the tests beside this one hold at that moment is the child's to begin with.
        let peaks = [(); 3].map(|()| run(Command::new("true")).unwrap().sample.peak);
        assert!(peaks.iter().any(|peak| *peak < 48.0), "{peaks:?} MiB");
        drop(last);
    }
}
