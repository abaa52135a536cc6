//! Proofs from files, folders and stdin.

use crate::commands::load_proof;
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use zkml::{Error, Proof};

/// The longest line of a stream.
const LINE: u64 = 32 << 20;
/// Lines that are read ahead.
const AHEAD: usize = 16;

/// A proof, or what is wrong with it, and where it was.
pub struct Found {
    pub name: String,
    pub proof: Result<Proof, Error>,
}

/// A file with a proof.
enum File {
    /// The arguments name it.
    Named(PathBuf),
    /// It lies in a folder that they name.
    InFolder(PathBuf),
}

/// All proofs that the arguments name.
pub struct Source {
    files: VecDeque<File>,
    stream: Option<Receiver<Result<Found>>>,
}

impl Source {
    /// Lists the files; `-` is stdin, which comes last.
    pub fn open(paths: &[PathBuf]) -> Result<Self> {
        let mut files = VecDeque::new();
        for path in paths.iter().filter(|path| !is_stdin(path)) {
            match path.is_dir() {
                true => files.extend(proofs_in(path)?.into_iter().map(File::InFolder)),
                false => files.push_back(File::Named(path.clone())),
            }
        }
        let stream = paths.iter().any(|path| is_stdin(path)).then(read_stdin);
        Ok(Self { files, stream })
    }

    /// The next proofs, `most` at most. A stream gives what is there: it does not wait for a full batch.
    pub fn next(&mut self, most: usize) -> Result<Option<Vec<Found>>> {
        if !self.files.is_empty() {
            let count = most.min(self.files.len());
            let files = self.files.drain(..count);
            return files.map(|path| read(&path)).collect::<Result<_>>().map(Some);
        }
        let Some(stream) = &self.stream else {
            return Ok(None);
        };
        let Ok(first) = stream.recv() else {
            return Ok(None);
        };
        let mut batch = vec![first?];
        while batch.len() < most
            && let Ok(found) = stream.try_recv()
        {
            batch.push(found?);
        }
        Ok(Some(batch))
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads a file. What cannot be read in a folder, which others may fill, is no proof, and keeps none of the rest from being checked.
fn read(file: &File) -> Result<Found> {
    let (path, loaded) = match file {
        File::Named(path) => (path, load_proof(path)?),
        File::InFolder(path) => {
            let unreadable = |error: anyhow::Error| Error::Malformed {
                what: "proof".to_owned(),
                reason: format!("{error:#}"),
            };
            (path, load_proof(path).map_err(unreadable).flatten())
        }
    };
    Ok(Found {
        name: path.display().to_string(),
        proof: loaded,
    })
}

/// The proofs in a folder, by name.
fn proofs_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".zkproof") || name.ends_with(".zkproof.json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads lines of JSON beside the checks.
fn read_stdin() -> Receiver<Result<Found>> {
    let (sender, receiver) = sync_channel(AHEAD);
    thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        for number in 1u64.. {
            let mut line = Vec::new();
            let found = match stdin.by_ref().take(LINE).read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) if line.trim_ascii().is_empty() => continue,
                Ok(_) => Ok(Found {
                    name: format!("line {number}"),
                    proof: parse(&line),
                }),
                Err(error) => Err(anyhow::Error::new(error).context("cannot read stdin")),
            };
            if sender.send(found).is_err() {
                break;
            }
        }
    });
    receiver
}

fn parse(line: &[u8]) -> Result<Proof, Error> {
    let text = std::str::from_utf8(line).map_err(|error| Error::Malformed {
        what: "proof".to_owned(),
        reason: error.to_string(),
    })?;
    Proof::from_json(text)
}
