//! Ctrl-C ends the work and leaves nothing behind.

use crate::folder::{Folder, Run};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn an_interrupted_command_writes_nothing() {
    let folder = Folder::new();
    let before = folder.names();
    // Large enough to be at work for long after the signal.
    let child = Command::new(env!("CARGO_BIN_EXE_zkml"))
        .args(["srs", "new", "-k", "22", "-o"])
        .arg(folder.path("large.srs"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    let run = Run::from(child.wait_with_output().unwrap());
    run.expect(2).says(&["stopping", "cancelled"]);
    assert_eq!(folder.names(), before);
}
