//! Services and workers in processes of their own.

use super::site::{Offer, Site};
use anyhow::{Context, Result, bail};
use std::fs::OpenOptions;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a service and its workers are run.
pub struct Plan<'a> {
    /// The binary.
    pub zkml: &'a Path,
    /// The provider's folder.
    pub site: &'a Site,
    /// The model.
    pub offer: &'a Offer,
    /// The queue.
    pub database: &'a str,
    /// What is logged: `RUST_LOG`.
    pub log: &'a str,
}

impl Plan<'_> {
    fn command(&self, name: &str, threads: Option<usize>) -> Command {
        let mut command = Command::new(self.zkml);
        command
            .arg(name)
            .arg(&self.offer.manifest)
            .arg("--keys")
            .arg(self.site.path().join("provider.keys"))
            .arg("--srs")
            .arg(self.site.srs())
            .args(["--database", self.database, "--lease", "3", "--attempts", "100"])
            .current_dir(self.site.path())
            .env("RUST_LOG", self.log);
        if let Some(threads) = threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command
    }

    /// Starts `zkml serve` on a port, with workers in it.
    pub fn serve(&self, port: u16, workers: usize) -> Result<Process> {
        let mut command = self.command("serve", None);
        command
            .args(["--listen", &format!("127.0.0.1:{port}"), "--per-minute", "0"])
            .args(["--workers", &workers.to_string()]);
        let mut process = Process::start(command, self.site.path().join(format!("serve-{port}.log")))?;
        process.wait_for(port)?;
        Ok(process)
    }

    /// Starts `zkml worker`, with as many threads.
    pub fn worker(&self, number: usize, threads: usize) -> Result<Process> {
        let log = self.site.path().join(format!("worker-{number}.log"));
        Process::start(self.command("worker", Some(threads)), log)
    }
}

/// A service of one model over SQLite, for as long as this lives.
pub struct Served {
    _process: Process,
    /// Its URL.
    pub url: String,
}

impl Served {
    /// Starts it, with workers in it, on a queue in the provider's folder.
    pub fn start(zkml: &Path, site: &Site, offer: &Offer, workers: usize) -> Result<Self> {
        let database = format!("sqlite:{}", site.path().join("queue.db").display());
        let plan = Plan {
            zkml,
            site,
            offer,
            database: &database,
            log: "warn",
        };
        let port = free_port()?;
        Ok(Self {
            _process: plan.serve(port, workers)?,
            url: format!("http://127.0.0.1:{port}"),
        })
    }
}

/// A process whose streams go to a log. It is killed when it is dropped.
pub struct Process {
    child: Child,
    command: Command,
    /// Its log.
    pub log: PathBuf,
}

impl Process {
    fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let open = || OpenOptions::new().create(true).append(true).open(&log);
        command.stdin(Stdio::null()).stdout(open()?).stderr(open()?);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child, command, log })
    }

    /// Waits until someone listens on a port.
    pub fn wait_for(&mut self, port: u16) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                bail!("the service ended with {status}: {log}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the service did not listen within {PATIENCE:?}")
    }

    /// Kills the process (SIGKILL) and starts it again.
    pub fn kill_and_restart(&mut self, pause: Duration) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        thread::sleep(pause);
        self.child = self.command.spawn()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port without a listener.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
