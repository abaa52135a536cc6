//! A PostgreSQL server of our own, where the system has the programs.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs a server until stdin is closed, which happens at the latest when its parent process ends,
/// in whatever way; then removes its folder.
const UNTIL_CLOSED: &str =
    r#"folder=$1; shift; "$@" >/dev/null 2>&1 & read -r _; kill -QUIT $!; wait; rm -rf "$folder""#;

/// A running server over a fresh cluster in a temporary folder. Both end with this, or with the
/// process.
pub struct Postgres {
    server: Child,
    port: u16,
    programs: PathBuf,
    data: PathBuf,
}

impl Postgres {
    /// Starts a server.
    ///
    /// Fails with the reason why none can be had on this machine.
    pub fn start() -> Result<Self, String> {
        let programs = programs().ok_or("found no PostgreSQL (its programs initdb and postgres)")?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let data = folder.path().join("data");
        if is_root() {
            run(Command::new("chown").arg(owner()).arg(folder.path()))?;
        }
        run(as_owner(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=zkml",
                "--encoding=UTF8",
                "--no-sync",
                "-D",
            ])
            .arg(&data))?;
        let port = free_port()?;
        let mut command = as_owner(&programs.join("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
            .arg(folder.path());
        let server = Command::new("sh")
            .args(["-c", UNTIL_CLOSED, "sh"])
            .arg(folder.keep())
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start postgres: {e}"))?;
        let postgres = Self {
            server,
            port,
            programs,
            data,
        };
        postgres.wait()?;
        Ok(postgres)
    }

    /// The URL of a fresh database.
    pub fn database(&self, name: &str) -> Result<String, String> {
        run(self.client("createdb").arg(name))?;
        Ok(format!("postgres://zkml@127.0.0.1:{}/{name}", self.port))
    }

    /// The folder of everything that the server writes.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// All rows of all tables of a database, as text.
    pub fn dump(&self, name: &str) -> Result<Vec<u8>, String> {
        run(self.client("pg_dump").arg(name))
    }

    /// A client program of this server's version, that talks to it.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(["-h", "127.0.0.1", "-U", "zkml", "-p"])
            .arg(self.port.to_string());
        command
    }

    fn wait(&self) -> Result<(), String> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let ready = self.client("pg_isready").arg("-q").status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err("PostgreSQL did not start within a minute".to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// The folder of PostgreSQL's programs: the newest of a Debian system, or that of `initdb` on the path.
fn programs() -> Option<PathBuf> {
    let complete = |dir: &PathBuf| {
        ["initdb", "postgres", "createdb", "pg_isready", "pg_dump"]
            .iter()
            .all(|p| dir.join(p).is_file())
    };
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|dirs| dirs.flatten().map(|dir| dir.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // On the path there may be links to some of the programs.
    let path = std::env::split_paths(&path).filter_map(|dir| {
        let program = dir.join("initdb").canonicalize().ok()?;
        program.parent().map(Path::to_owned)
    });
    versions.into_iter().rev().chain(path).find(complete)
}

/// Whom a cluster belongs to when root runs the tests: PostgreSQL does not run as root.
fn owner() -> &'static str {
    let known = Command::new("id").arg("postgres").output();
    match known.is_ok_and(|output| output.status.success()) {
        true => "postgres",
        false => "nobody",
    }
}

/// A command that runs as the owner of a cluster.
fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let owner = owner();
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={owner}"))
        .args(["--regid=nogroup", "--clear-groups"])
        .arg(program)
        // The folder of the user who runs the tests may be closed to that user.
        .current_dir("/");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Runs a command to its end, and gives what it wrote.
fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{command:?}: {e}"))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    Ok(listener.local_addr().map_err(|e| e.to_string())?.port())
}
