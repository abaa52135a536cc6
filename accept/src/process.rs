//! Child processes, their time and their memory.

use anyhow::{Context, Result, anyhow, ensure};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a child's memory is looked at. The system keeps its peak, so that only what it
/// takes more of in its last milliseconds is missed.
const INTERVAL: Duration = Duration::from_millis(2);

/// A child process that has ended with exit code 0.
#[derive(Debug)]
pub struct Finished {
    /// What it wrote to stdout.
    pub stdout: String,
    /// Wall time.
    pub time: Duration,
    /// Peak of its resident memory in bytes, where the system tells (Linux).
    pub memory: Option<u64>,
}

/// Runs a command to its end. Its stderr goes where this program's goes.
///
/// Fails if it cannot be started and for exit codes other than 0.
pub fn run(command: &mut Command) -> Result<Finished> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let reader = read(&mut child)?;
    let mut memory = None;
    let status = loop {
        memory = peak_memory(child.id()).max(memory);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(INTERVAL);
    };
    let time = start.elapsed();
    let stdout = reader.join().ok().context("stdout could not be read")??;
    ensure!(
        status.success(),
        "{command:?}: expected exit code 0, found {status}\n{stdout}"
    );
    Ok(Finished { stdout, time, memory })
}

/// Reads a child's stdout beside it, so that it never waits for a reader.
fn read(child: &mut Child) -> Result<thread::JoinHandle<Result<String>>> {
    let mut pipe = child.stdout.take().context("the child has no stdout")?;
    Ok(thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text)?;
        Ok(text)
    }))
}

fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// What [`zkml()`] found, for one of several measurements: each that needs it falls short for the same reason.
pub fn found(zkml: &Result<PathBuf>) -> Result<&Path> {
    zkml.as_deref().map_err(|error| anyhow!("{error:#}"))
}

/// The binary `zkml`, which stands beside this program.
///
/// Fails if it is not there.
pub fn zkml(given: Option<&Path>) -> Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?
            .with_file_name("zkml")
            .with_extension(std::env::consts::EXE_EXTENSION),
    };
    ensure!(
        path.is_file(),
        "{}: expected the binary zkml; build it with `cargo build --release -p zkml-cli`",
        path.display()
    );
    // Commands run in folders of their own.
    Ok(path.canonicalize()?)
}
